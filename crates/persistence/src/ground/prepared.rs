//! Statements that are prepared once on each connection.
//!
//! Diesel keeps a prepared statement only where the type of a query alone decides its text. It sends an `UPDATE`, whose text
//! depends on which values are given, an `INSERT` of several rows, and SQL in words, to be parsed and planned anew each time.
//! Here the texts are few: a statement that is [`Prepare::prepared`] is kept by its text.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};

/// A statement that is kept on its connection by its text.
pub(crate) struct Prepared<Q>(Q);

/// Marks a statement as one of few texts.
pub(crate) trait Prepare: Sized {
    /// The same statement, kept on its connection.
    fn prepared(self) -> Prepared<Self> {
        Prepared(self)
    }
}

impl<Q: QueryFragment<Pg>> Prepare for Q {}

impl<Q> QueryId for Prepared<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for Prepared<Q> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.0.walk_ast(pass)
    }

    fn is_safe_to_cache_prepared(&self, _: &Pg) -> QueryResult<bool> {
        Ok(true)
    }
}

impl<Q: Query> Query for Prepared<Q> {
    type SqlType = Q::SqlType;
}

impl<Q> RunQueryDsl<PgConnection> for Prepared<Q> {}
