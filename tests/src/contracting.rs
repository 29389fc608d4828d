//! Contracts between councils and practices, and what a practice must have before it is sent referrals.

use almoner_demo::make_ready;
use almoner_persistence::contracts::{self, NewContract};
use serde_json::{Value, json};

use crate::council::Council;
use crate::world::{Practice, World, from_json, merge};

impl World {
    /// Sees that a practice is ready to be sent referrals: its insurance and agreement are on record, and its social workers
    /// have been looked up in the register.
    pub fn make_ready(&self, practice: &Practice) {
        make_ready(&self.store, practice.id).expect("the practice is ready");
    }

    /// Makes a contract between the two from the first of April, with these members changed, and sees that the practice is ready
    /// to be sent referrals.
    pub fn contract(&self, council: &Council, practice: &Practice, changes: Value) {
        self.make_ready(practice);
        self.contract_alone(council, practice, changes);
    }

    /// Makes a contract with a practice that has nothing else, with these members changed.
    pub fn contract_alone(&self, council: &Council, practice: &Practice, changes: Value) {
        let functions =
            ["needs_assessment", "carers_assessment", "review", "support_planning", "information_and_advice"];
        let delegations: Vec<Value> =
            functions.iter().map(|function| json!({ "function": function, "starts_on": "2024-04-01" })).collect();
        let mut new = json!({
            "council_id": council.id, "practice_id": practice.id, "starts_on": "2024-04-01", "response_working_days": 5,
            "delegations": delegations,
        });
        merge(&mut new, changes);
        self.console(|scope| contracts::create(scope, &from_json::<NewContract>(new)));
    }
}
