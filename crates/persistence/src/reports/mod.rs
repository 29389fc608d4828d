//! The reports for records officers: the audit log and unusual access.

pub mod audit_log;
pub mod council_log;
pub mod unusual_access;
