//! Staff and their own account.

use crate::account::operations::own_account_operations;
use crate::ground::caller::Practice;

own_account_operations!(Practice, "practice");
