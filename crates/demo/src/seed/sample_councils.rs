//! The sample councils, with their officers. All of it is made up, except the councils' names and codes.

use almoner_domain::ids::CouncilId;
use almoner_persistence::OperatorScope;
use almoner_persistence::access::appointing;
use almoner_persistence::idempotency::Made;
use serde_json::{Value, json};

use super::from_json;
use crate::Failure;

pub(crate) struct Council {
    pub(crate) gss_code: &'static str,
    pub(crate) name: &'static str,
    /// The letters with which the council's own references begin.
    pub(super) prefix: &'static str,
    /// A telephone number of the range that Ofcom keeps for drama.
    pub(crate) emergency_duty_phone: &'static str,
    /// Where somebody complains to the council.
    complaints: Complaints,
}

/// Where somebody complains to a council, and who helps them to.
struct Complaints {
    /// The postal address, in lines.
    address: &'static str,
    /// A telephone number of the range that Ofcom keeps for drama.
    phone: &'static str,
    /// Who helps somebody to complain, with such a number of theirs.
    advocacy: (&'static str, &'static str),
}

impl Council {
    /// Where somebody complains to the council, as the officers of the council keep it.
    pub(super) fn complaints_contact(&self) -> Value {
        let domain = format!("{}.council.example", self.prefix.to_lowercase());
        let (advocates, phone) = self.complaints.advocacy;
        json!({
            "address": self.complaints.address,
            "phone": self.complaints.phone,
            "email": format!("complaints@{domain}"),
            "website": format!("www.{domain}/complaints"),
            "advocacy": format!("{advocates}, {phone}, helps you to complain, free of charge, and is no part of the council."),
        })
    }
}

const fn council(
    (gss_code, name, prefix): (&'static str, &'static str, &'static str),
    emergency_duty_phone: &'static str,
    (address, phone): (&'static str, &'static str),
    advocacy: (&'static str, &'static str),
) -> Council {
    Council { gss_code, name, prefix, emergency_duty_phone, complaints: Complaints { address, phone, advocacy } }
}

pub(crate) const COUNCILS: [Council; 7] = [
    council(
        ("E08000025", "Birmingham City Council", "BHM"),
        "01632 960101",
        ("Complaints, 12 Foundry Row\nBirmingham B99 1AA", "01632 960201"),
        ("Second City Voices", "01632 960301"),
    ),
    council(
        ("E09000022", "Lambeth Council", "LBH"),
        "01632 960102",
        ("Complaints, 7 Loughborough Parade\nLondon SW99 1AA", "01632 960202"),
        ("Lambeth Advocates", "01632 960302"),
    ),
    council(
        ("E06000012", "North East Lincolnshire Council", "NEL"),
        "01632 960103",
        ("Complaints, 3 Dock Office Yard\nGrimsby DN99 1AA", "01632 960203"),
        ("Humber Advocacy", "01632 960303"),
    ),
    council(
        ("E06000051", "Shropshire Council", "SHR"),
        "01632 960104",
        ("Complaints, 21 Quayside House\nShrewsbury SY99 1AA", "01632 960204"),
        ("Marches Advocacy", "01632 960304"),
    ),
    council(
        ("E06000021", "Stoke-on-Trent City Council", "STE"),
        "01632 960105",
        ("Complaints, 5 Bottle Kiln Lane\nStoke-on-Trent ST99 1AA", "01632 960205"),
        ("Potteries Speaking Up", "01632 960305"),
    ),
    council(
        ("E10000029", "Suffolk County Council", "SFK"),
        "01632 960106",
        ("Complaints, 9 Wherry Street\nIpswich IP99 1AA", "01632 960206"),
        ("East Coast Advocates", "01632 960306"),
    ),
    council(
        ("E10000030", "Surrey County Council", "SRY"),
        "01632 960107",
        ("Complaints, 14 Chalk Hill House\nGuildford GU99 1AA", "01632 960207"),
        ("North Downs Voices", "01632 960307"),
    ),
];

/// The officers of every council: each one's login, name and roles.
const OFFICERS: [(&str, &str, &[&str]); 8] = [
    ("administrator", "Marianne Hollis", &["administrator"]),
    ("referrals", "Ravi Mistry", &["referrals", "duty"]),
    ("commissioner", "Gwendolen Achebe", &["commissioner", "safeguarding"]),
    ("records", "Piotr Lewandowski", &["records_officer"]),
    ("complaints", "Beatrice Oyelaran", &["complaints"]),
    ("complaints-2", "Callum Whitfield", &["complaints"]),
    ("responsible", "Helena Vance", &["responsible_person"]),
    ("alternate", "Idris Rahman", &["alternate"]),
];

/// The logins of those to whom a complaint can be offered, in the order in which they are asked.
pub(super) const COMPLAINTS_DESK: [&str; 4] = ["complaints", "complaints-2", "responsible", "alternate"];

/// The e-mail address with which an officer of a council signs in.
pub(super) fn officer_email(council: usize, login: &str) -> String {
    format!("{login}@{}.council.example", COUNCILS[council].prefix.to_lowercase())
}

/// Invites the officers of a council, as the operator does.
pub(super) fn enter_officers(
    scope: &mut OperatorScope<'_>,
    index: usize,
    council: CouncilId,
) -> Result<Vec<Made>, Failure> {
    let invite = |(login, name, roles)| {
        let new = from_json(json!({ "name": name, "email": officer_email(index, login), "roles": roles }))?;
        Ok(appointing::invite_first(scope, council, &new)?)
    };
    OFFICERS.into_iter().map(invite).collect()
}

#[cfg(test)]
mod tests {
    use almoner_persistence::tenancy::council_contacts::ComplaintsContact;

    use super::*;

    #[test]
    fn every_council_says_where_one_complains_at_numbers_and_sites_that_are_nobodys() {
        for council in &COUNCILS {
            let contact: ComplaintsContact = serde_json::from_value(council.complaints_contact()).unwrap();
            let website = contact.website.unwrap();
            assert!(website.as_str().contains(".example/"), "{}: {website}", council.name);
            let numbers = [council.emergency_duty_phone, council.complaints.phone, council.complaints.advocacy.1];
            for number in numbers {
                assert!(number.starts_with("01632 960") && number.len() == 12, "{}: {number}", council.name);
            }
            assert!(contact.address.as_str().contains('\n'), "{}", council.name);
        }
    }
}
