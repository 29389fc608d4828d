//! Operators and their own account.

use crate::account::operations::own_account_operations;
use crate::ground::caller::Operator;

own_account_operations!(Operator, "operator");
