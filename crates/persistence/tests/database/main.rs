//! The schema itself, on a real PostgreSQL: what the catalogue says of every table, present and future; what the roles of the
//! doors can and cannot do; and the migrations, forth and back.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on says why and stops")]

mod audit;
mod catalogue;
mod cluster;
mod doors;
mod functions;
mod migrations;
mod schema;
