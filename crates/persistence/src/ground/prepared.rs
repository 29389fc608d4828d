//! Statements that are prepared once on each connection.
//!
//! Diesel keeps a prepared statement where the type of a query decides its text. For it, an `UPDATE` is no such query, since
//! its text depends on which values are given, and neither is an `INSERT` of a list of rows: it has them parsed and planned
//! anew each time. Here the texts are few. [`update`] is Diesel's `update`, kept by its text; `insert_rows!` inserts a list in
//! arrays, whose length is part of their type.

use diesel::associations::HasTable;
use diesel::expression::Expression;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AsChangeset, AstPass, IntoUpdateTarget, Query, QueryFragment, QueryId};
use diesel::query_dsl::methods::FilterDsl;
use diesel::query_source::QuerySource;

/// Begins an `UPDATE` of a table's rows, like [`diesel::update`].
pub(crate) fn update<S>(rows: S) -> Rows<S> {
    Rows(rows)
}

/// The rows that an `UPDATE` is of.
pub(crate) struct Rows<S>(S);

impl<S> Rows<S> {
    /// Narrows the rows to those that also fulfil this.
    pub(crate) fn filter<P>(self, predicate: P) -> Rows<S::Output>
    where
        S: FilterDsl<P>,
    {
        Rows(self.0.filter(predicate))
    }

    /// Sets these columns.
    pub(crate) fn set<V>(self, values: V) -> Update<<S::Table as QuerySource>::FromClause, S::WhereClause, V::Changeset>
    where
        S: IntoUpdateTarget + HasTable<Table: QuerySource>,
        V: AsChangeset<Target = S::Table>,
    {
        let target = self.0.into_update_target();
        Update { table: target.table.from_clause(), rows: target.where_clause, values: values.as_changeset() }
    }
}

/// An `UPDATE` that is kept on its connection by its text.
pub(crate) struct Update<T, W, V> {
    table: T,
    rows: W,
    values: V,
}

impl<T, W, V> Update<T, W, V> {
    /// Answers with these columns of the rows.
    pub(crate) fn returning<E: Expression>(self, columns: E) -> Returning<Self, E> {
        Returning { statement: self, columns }
    }
}

impl<T: QueryFragment<Pg>, W: QueryFragment<Pg>, V: QueryFragment<Pg>> QueryFragment<Pg> for Update<T, W, V> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("UPDATE ");
        self.table.walk_ast(out.reborrow())?;
        out.push_sql(" SET ");
        self.values.walk_ast(out.reborrow())?;
        self.rows.walk_ast(out)
    }
}

impl<T, W, V> QueryId for Update<T, W, V> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<T, W, V> RunQueryDsl<PgConnection> for Update<T, W, V> {}

/// A statement that answers with columns of the rows that it changed.
pub(crate) struct Returning<Q, E> {
    statement: Q,
    columns: E,
}

impl<Q: QueryFragment<Pg>, E: QueryFragment<Pg>> QueryFragment<Pg> for Returning<Q, E> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.statement.walk_ast(out.reborrow())?;
        out.push_sql(" RETURNING ");
        self.columns.walk_ast(out)
    }
}

impl<Q, E> QueryId for Returning<Q, E> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q, E: Expression> Query for Returning<Q, E> {
    type SqlType = E::SqlType;
}

impl<Q, E> RunQueryDsl<PgConnection> for Returning<Q, E> {}

/// Inserts a list of rows, up to four with one statement. To insert no rows, Diesel would send a `SELECT`, for which a role
/// may have no grant.
macro_rules! insert_rows {
    ($conn:expr, $table:ident, $rows:expr) => {{
        let mut rows: Vec<_> = $rows;
        let mut done: diesel::QueryResult<()> = Ok(());
        while done.is_ok() && !rows.is_empty() {
            let next: Vec<_> = rows.drain(..rows.len().min(4)).collect();
            done = insert_rows!(@ $conn, $table, next, 1 2 3 4);
        }
        done
    }};
    (@ $conn:expr, $table:ident, $rows:expr, $count:literal $($more:literal)*) => {
        match <[_; $count]>::try_from($rows) {
            Ok(rows) => diesel::insert_into($table::table).values(rows).execute($conn).map(drop),
            Err(rows) => insert_rows!(@ $conn, $table, rows, $($more)*),
        }
    };
    (@ $conn:expr, $table:ident, $rows:expr,) => {{
        let _: Vec<_> = $rows;
        unreachable!("one to four rows are taken")
    }};
}
pub(crate) use insert_rows;
