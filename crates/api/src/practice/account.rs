//! Staff and their own account.

use crate::caller::Practice;
use crate::own_account::own_account_operations;

own_account_operations!(Practice, "practice");
