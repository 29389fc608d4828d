//! Tests of the schema on a real PostgreSQL: the rules that the catalogue shows for every table, present and future; what
//! the roles of the doors can and cannot do; and the migrations, up and down.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on says why and stops")]

mod audit;
mod beside;
mod catalogue;
mod cluster;
mod complaints;
mod documents;
mod doors;
mod faults;
mod functions;
mod migrations;
mod officers;
mod schema;
mod stored;
