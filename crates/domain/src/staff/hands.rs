//! The hands by which an account came. An account came by the hands of those who invited it, and of those who drew the link with
//! which it joined, and by the hands that these came by, and so on. The chain ends at an account whose membership a second
//! person has confirmed: two hands vouch for that person, who then stands alone. It also ends at accounts that are no members,
//! such as an operator's. Two accounts are of the same hand if their chains meet.

use std::collections::BTreeSet;

use crate::ids::AccountId;

/// Returns the hands by which an account came: itself, and those who brought it. `brought_by` says by whom an account came that
/// nobody has confirmed.
pub(crate) fn hands<I: IntoIterator<Item = AccountId>>(
    account: AccountId,
    brought_by: impl Fn(AccountId) -> I,
) -> BTreeSet<AccountId> {
    let mut hands = BTreeSet::new();
    let mut next = vec![account];
    while let Some(account) = next.pop() {
        if hands.insert(account) {
            next.extend(brought_by(account));
        }
    }
    hands
}
