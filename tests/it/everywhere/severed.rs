//! Every operation of the practice's door is severed from the database at each of its statements: it leaves nothing, and is
//! done whole when it is sent again.

use std::cell::RefCell;
use std::collections::BTreeMap;

use almoner_demo::web::Answer;
use almoner_tests::{Severed, Severing, World};

use crate::practice::access::single_sign_on::fake::Fake;
use crate::practice::complaints::wall::two_worlds::script::everything_by;
use crate::practice::complaints::wall::two_worlds::{Complaint, set_up};

#[test]
fn an_operation_that_is_severed_at_any_of_its_statements_leaves_nothing_and_is_done_when_sent_again() {
    let database = Severing::new("severed");
    let world = World::on(&database.url(), |settings| settings.allow_private_providers = true);
    let side = set_up(&world, &Fake::start(), Complaint::None);
    let statements = RefCell::new(BTreeMap::new());
    let at_each_statement = |operation: &str, send: &mut dyn FnMut() -> Answer| {
        let Severed { severed, whole, left_something } = database.at_each_statement(send);
        assert!(whole.status < 500, "{operation}: {}", whole.body);
        for answer in &severed {
            // Where there is nothing to commit, the answer does not wait for the end of the transaction.
            let is_told = answer.status == 503 || !left_something && answer.status == whole.status;
            assert!(is_told, "{operation}: {} {}", answer.status, answer.body);
        }
        statements.borrow_mut().entry(operation.to_owned()).or_insert(severed.len());
        whole
    };
    everything_by(&at_each_statement, &side, 1);
    let statements = statements.borrow();
    for (operation, least) in [("POST /referrals/{id}/accept", 20), ("POST /cases/{id}/close", 10), ("PUT /absence", 5)]
    {
        assert!(statements[operation] >= least, "{operation}: {statements:?}");
    }
}
