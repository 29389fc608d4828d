//! The functions of libpq that Diesel calls, in the place of the crate `pq-sys` (`[patch.crates-io]` in the workspace).
//!
//! Three things differ from libpq itself, because Diesel offers none of them:
//!
//! - **A wait for an answer has a limit.** libpq waits for as long as the connection stands. A peer that takes what is sent
//!   and never answers, such as a stopped server or a proxy that has forgotten the connection, would keep a thread for ever.
//!   [`wait_at_most`] sets the limit for the calling thread; beyond it the connection is shut down, and counts as broken.
//! - **An error has its SQLSTATE.** Diesel keeps the message, which is in the language of `lc_messages`, and the code only of
//!   a few errors. Here the field of the hint, which nobody reads, holds the SQLSTATE instead.
//! - **A `COMMIT` that commits nothing fails.** PostgreSQL answers `COMMIT` in a transaction that an error has aborted with
//!   `ROLLBACK`, which is no error to libpq and to Diesel. Work that passes over the error of a statement would be told that
//!   it was done.

mod declared;

use std::cell::Cell;
use std::ffi::{CStr, c_char, c_int};
use std::ptr;
use std::time::{Duration, Instant};

// The library is linked by its own crate.
use pq_src as _;

pub use declared::*;

/// The fields of an error (`postgres_ext.h`).
const SQLSTATE: c_int = b'C' as c_int;
const HINT: c_int = b'H' as c_int;

/// The statement with which Diesel commits, and one that does nothing.
const COMMIT: &CStr = c"COMMIT";
const NOTHING: &CStr = c"SELECT";

thread_local! {
    static LIMIT: Cell<Option<Duration>> = const { Cell::new(None) };
}

/// Sets the longest time for which the calling thread waits for one answer of a database, and returns the limit that it had.
/// `None` is no limit, as for a migration, whose statements take as long as they take.
#[expect(clippy::must_use_candidate, reason = "who puts a limit back does not want the one before")]
pub fn wait_at_most(limit: Option<Duration>) -> Option<Duration> {
    LIMIT.replace(limit)
}

/// Returns a field of an error; in the place of the hint, the SQLSTATE.
///
/// # Safety
///
/// As for libpq's `PQresultErrorField`: the result is one of libpq's that was not cleared.
#[expect(non_snake_case, reason = "the name is libpq's")]
#[must_use]
pub unsafe fn PQresultErrorField(result: *const PGresult, field: c_int) -> *mut c_char {
    let field = if field == HINT { SQLSTATE } else { field };
    // SAFETY: the caller's promise is libpq's own.
    unsafe { declared::libpq::PQresultErrorField(result, field) }
}

/// Returns the next result of the command that was sent, and null after the last one.
///
/// # Safety
///
/// As for libpq's `PQgetResult`: the connection is one of libpq's that was not finished, and no other thread uses it.
#[expect(non_snake_case, reason = "the name is libpq's")]
pub unsafe fn PQgetResult(conn: *mut PGconn) -> *mut PGresult {
    // SAFETY: the caller's promise is that of both functions.
    unsafe {
        if let Some(limit) = LIMIT.get() {
            await_answer(conn, limit);
        }
        declared::libpq::PQgetResult(conn)
    }
}

/// Runs one or several statements, and returns the last result. `COMMIT` in an aborted transaction is an error, and leaves it
/// to be rolled back.
///
/// # Safety
///
/// As for libpq's `PQexec`: the connection is as for [`PQgetResult`], and the statements are a C string.
#[expect(non_snake_case, reason = "the name is libpq's")]
pub unsafe fn PQexec(conn: *mut PGconn, statements: *const c_char) -> *mut PGresult {
    // SAFETY: the caller's promise is that of every function here.
    unsafe {
        let aborted = PQtransactionStatus(conn) == PGTransactionStatusType::PQTRANS_INERROR;
        // In an aborted transaction PostgreSQL refuses every statement that does not end it, with SQLSTATE 25P02.
        let statements = if aborted && CStr::from_ptr(statements) == COMMIT { NOTHING.as_ptr() } else { statements };
        if LIMIT.get().is_none() {
            return declared::libpq::PQexec(conn, statements);
        }
        discard_results(conn);
        if declared::libpq::PQsendQuery(conn, statements) == 0 { ptr::null_mut() } else { last_result(conn) }
    }
}

/// Prepares a statement.
///
/// # Safety
///
/// As for libpq's `PQprepare`: the connection is as for [`PQgetResult`], the texts are C strings, and the array has as many
/// types as are said.
#[expect(non_snake_case, reason = "the name is libpq's")]
pub unsafe fn PQprepare(
    conn: *mut PGconn,
    name: *const c_char,
    statement: *const c_char,
    count: c_int,
    types: *const Oid,
) -> *mut PGresult {
    // SAFETY: the caller's promise is that of every function here.
    unsafe {
        if LIMIT.get().is_none() {
            return declared::libpq::PQprepare(conn, name, statement, count, types);
        }
        discard_results(conn);
        let sent = declared::libpq::PQsendPrepare(conn, name, statement, count, types);
        if sent == 0 { ptr::null_mut() } else { last_result(conn) }
    }
}

/// Waits until a result is complete, or the limit has passed; then the connection is shut down, so that libpq finds it
/// closed.
unsafe fn await_answer(conn: *mut PGconn, limit: Duration) {
    let until = Instant::now() + limit;
    // SAFETY: the caller's connection was not finished, and its socket is polled and shut down while it is held.
    unsafe {
        while PQisBusy(conn) == 1 {
            let socket = PQsocket(conn);
            if socket < 0 {
                return;
            }
            let left = until.saturating_duration_since(Instant::now());
            // Rounded up, so that a wait does not spin through its last millisecond.
            let left = c_int::try_from(left.as_millis()).unwrap_or(c_int::MAX - 1) + c_int::from(!left.is_zero());
            let mut wait = libc::pollfd { fd: socket, events: libc::POLLIN, revents: 0 };
            match libc::poll(&raw mut wait, 1, left) {
                0 => {
                    libc::shutdown(socket, libc::SHUT_RDWR);
                    return;
                }
                ready if ready > 0 && PQconsumeInput(conn) == 0 => return,
                // A signal came, or an error, which libpq finds by itself.
                _ => {}
            }
        }
    }
}

/// Reads away what is left of an earlier command, as libpq does before the next one.
unsafe fn discard_results(conn: *mut PGconn) {
    // SAFETY: the caller's connection was not finished, and each result is cleared once.
    unsafe {
        loop {
            let result = PQgetResult(conn);
            if result.is_null() {
                return;
            }
            let copies = copies(result);
            PQclear(result);
            if copies || PQstatus(conn) == ConnStatusType::CONNECTION_BAD {
                return;
            }
        }
    }
}

/// Returns the last result of the command that was sent, as `PQexec` does: the first that begins to copy, or the last there
/// is.
unsafe fn last_result(conn: *mut PGconn) -> *mut PGresult {
    let mut last = ptr::null_mut();
    // SAFETY: the caller's connection was not finished, and each result but the one that is returned is cleared once.
    unsafe {
        loop {
            let result = PQgetResult(conn);
            if result.is_null() {
                return last;
            }
            if !last.is_null() {
                PQclear(last);
            }
            last = result;
            if copies(result) || PQstatus(conn) == ConnStatusType::CONNECTION_BAD {
                return last;
            }
        }
    }
}

unsafe fn copies(result: *const PGresult) -> bool {
    // SAFETY: the caller's result was not cleared.
    let status = unsafe { PQresultStatus(result) };
    matches!(status, ExecStatusType::PGRES_COPY_IN | ExecStatusType::PGRES_COPY_OUT | ExecStatusType::PGRES_COPY_BOTH)
}
