//! The Almoner program: serve, work, migrate, demo, tour, operator, openapi. A library as well, so that the tests run the
//! very same server.

pub mod audit;
pub mod authenticator;
pub mod config;
pub mod demo;
pub mod logging;
pub mod logins;
pub mod operator;
pub mod running;
pub mod serve;
pub mod tour;
pub mod web;
