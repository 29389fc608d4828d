//! The rules by which the operator enters, suspends and resumes a practice.

use crate::fault::Fault;
use crate::refusal::Refusal;

/// The greatest number of postcode districts that a practice may serve.
const MOST_DISTRICTS: usize = 500;

/// The greatest number of pieces of work that a practice may hold at once.
const LARGEST_CAPACITY: u32 = 100_000;

/// Whether a practice can have this size: the number of postcode districts it serves, and the number of pieces of work
/// it can hold at once.
pub fn check_size(districts: usize, capacity: u32) -> Result<(), Vec<Fault>> {
    let mut faults = Vec::new();
    if !(1..=MOST_DISTRICTS).contains(&districts) {
        faults.push(Fault::new("/districts", format!("must be from 1 to {MOST_DISTRICTS} districts")));
    }
    if capacity > LARGEST_CAPACITY {
        faults.push(Fault::new("/capacity", format!("must be at most {LARGEST_CAPACITY}")));
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// Whether a practice can be suspended. One that is suspended already cannot.
pub fn suspend(is_suspended: bool) -> Result<(), Refusal> {
    if is_suspended { Err(refusal("suspended", "suspended")) } else { Ok(()) }
}

/// Whether a suspension can end. Only one that is in force can.
pub fn resume(is_suspended: bool) -> Result<(), Refusal> {
    if is_suspended { Ok(()) } else { Err(refusal("not suspended", "resumed")) }
}

fn refusal(state: &'static str, step: &'static str) -> Refusal {
    Refusal::InvalidState { thing: "practice", state, step }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_practice_serves_a_district_at_least_and_keeps_to_the_largest_size() {
        for (districts, capacity, faults) in [
            (1, 0, vec![]),
            (500, 100_000, vec![]),
            (0, 10, vec!["/districts: must be from 1 to 500 districts"]),
            (501, 10, vec!["/districts: must be from 1 to 500 districts"]),
            (1, 100_001, vec!["/capacity: must be at most 100000"]),
            (0, 100_001, vec!["/districts: must be from 1 to 500 districts", "/capacity: must be at most 100000"]),
        ] {
            let found = check_size(districts, capacity).err().unwrap_or_default();
            let said: Vec<String> = found.iter().map(|fault| format!("{}: {}", fault.pointer, fault.detail)).collect();
            assert_eq!(said, faults, "{districts} {capacity}");
        }
    }

    #[test]
    fn a_practice_is_suspended_once_and_resumed_once() {
        assert_eq!((suspend(false), resume(true)), (Ok(()), Ok(())));
        let twice = suspend(true).unwrap_err().to_string();
        assert_eq!(twice, "the practice is suspended and cannot be suspended");
        assert_eq!(resume(false).unwrap_err().to_string(), "the practice is not suspended and cannot be resumed");
    }
}
