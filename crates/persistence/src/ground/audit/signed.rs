//! What was signed of the chains outside the database: heads, and the breaks after which an older state was restored.

use chrono::{DateTime, Utc};

use super::chain::{ChainName, Head};

/// A head that was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedHead {
    /// The head of the chain at that time.
    pub head: Head,
    /// The time at which it was signed.
    pub at: DateTime<Utc>,
}

/// A place in a chain: a row's number, and its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The number of the row, or 0 before the first.
    pub number: i64,
    /// The hash of the row.
    pub hash: Vec<u8>,
}

/// A break in a chain, which an operator has entered and signed because the database was restored to an older state: the heads
/// that were signed of what is lost do not count any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Break {
    /// The name of the chain.
    pub name: ChainName,
    /// The last head that was signed of what is lost.
    pub from: Place,
    /// The head of the restored chain when the break was entered. From here on the chain is compared with heads again.
    pub to: Place,
    /// The number of the last signed head that the restored chain still matches, or 0. Up to here the earlier heads count.
    pub after: i64,
    /// The time at which the break was entered.
    pub at: DateTime<Utc>,
    /// The operator who entered it.
    pub by: String,
    /// The reason that the operator gave.
    pub reason: String,
}

/// Everything that was signed of all chains.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signed {
    /// The heads, in any order.
    pub heads: Vec<SignedHead>,
    /// The breaks, in any order.
    pub breaks: Vec<Break>,
}

impl Signed {
    /// Whether nothing was signed.
    pub fn is_empty(&self) -> bool {
        self.heads.is_empty() && self.breaks.is_empty()
    }

    /// Lists the breaks of a chain, the first one first.
    pub(super) fn breaks_of(&self, name: &ChainName) -> Vec<Break> {
        let mut breaks: Vec<Break> = self.breaks.iter().filter(|one| one.name == *name).cloned().collect();
        breaks.sort_by_key(|one| one.at);
        breaks
    }

    /// Lists the places that a chain must have, the first one first: its signed heads, and the places to which its breaks
    /// lead, but for those that a later break has taken away.
    pub(super) fn places_of(&self, name: &ChainName) -> Vec<Place> {
        let breaks = self.breaks_of(name);
        let counts = |number: i64, at: DateTime<Utc>| !breaks.iter().any(|one| at < one.at && number > one.after);
        let heads = self.heads.iter().filter(|signed| signed.head.name == *name);
        let heads = heads.filter(|signed| counts(signed.head.number, signed.at));
        let heads = heads.map(|signed| Place { number: signed.head.number, hash: signed.head.hash.clone() });
        let led_to = breaks.iter().filter(|one| one.to.number > 0 && counts(one.to.number, one.at));
        let mut places: Vec<Place> = heads.chain(led_to.map(|one| one.to.clone())).collect();
        places.sort_by_key(|place| place.number);
        places
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn name() -> ChainName {
        ChainName { owner: Uuid::from_u128(7), chain: "practice".to_owned() }
    }

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + second, 0).unwrap()
    }

    fn head(number: i64, second: i64) -> SignedHead {
        SignedHead { head: Head { name: name(), number, hash: vec![u8::try_from(second).unwrap()] }, at: at(second) }
    }

    fn broken(from: i64, to: i64, after: i64, second: i64) -> Break {
        let place = |number| Place { number, hash: vec![u8::try_from(second).unwrap()] };
        Break {
            name: name(),
            from: place(from),
            to: place(to),
            after,
            at: at(second),
            by: "An Operator".to_owned(),
            reason: "restored".to_owned(),
        }
    }

    /// The numbers that must be there, each with the second at which it was signed.
    fn places(heads: Vec<SignedHead>, breaks: Vec<Break>) -> Vec<(i64, u8)> {
        let places = Signed { heads, breaks }.places_of(&name());
        places.into_iter().map(|place| (place.number, place.hash[0])).collect()
    }

    #[test]
    fn a_break_takes_away_the_heads_of_what_is_lost_and_no_others() {
        let heads = vec![head(10, 1), head(20, 2), head(30, 3), head(25, 5), head(40, 6)];
        assert_eq!(places(heads.clone(), vec![]).len(), 5);
        // Restored to number 17, of which the head of number 10 is a witness still; 25 and 40 were signed afterwards.
        let lost = broken(30, 17, 10, 4);
        assert_eq!(places(heads.clone(), vec![lost.clone()]), [(10, 1), (17, 4), (25, 5), (40, 6)]);
        // Restored a second time, to number 12: the place to which the first break led is lost too.
        let again = broken(40, 12, 10, 7);
        assert_eq!(places(heads.clone(), vec![again, lost]), [(10, 1), (12, 7)]);
        // Of another chain.
        let other = Break { name: ChainName { chain: "complaints".to_owned(), ..name() }, ..broken(30, 17, 10, 4) };
        assert_eq!(places(heads.clone(), vec![other]).len(), 5);
        // Restored to before the chain began.
        assert_eq!(places(heads, vec![broken(30, 0, 0, 4)]), [(25, 5), (40, 6)]);
    }
}
