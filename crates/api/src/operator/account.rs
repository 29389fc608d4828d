//! Operators and their own account.

use crate::caller::Operator;
use crate::own_account::own_account_operations;

own_account_operations!(Operator, "operator");
