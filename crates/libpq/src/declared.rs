//! The declarations of libpq's types and functions, as its header `libpq-fe.h` has them.
#![expect(missing_docs, reason = "the documentation of libpq describes them")]
#![expect(non_camel_case_types, reason = "the names are libpq's")]

use std::ffi::{c_char, c_int, c_uint, c_void};

pub type Oid = c_uint;

#[repr(C)]
#[derive(Debug)]
pub struct PGconn {
    _opaque: [u8; 0],
}

#[repr(C)]
#[derive(Debug)]
pub struct PGresult {
    _opaque: [u8; 0],
}

#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct pgNotify {
    pub relname: *mut c_char,
    pub be_pid: c_int,
    pub extra: *mut c_char,
    pub next: *mut pgNotify,
}

pub type PQnoticeProcessor = Option<unsafe extern "C" fn(arg: *mut c_void, message: *const c_char)>;

#[repr(u32)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
pub enum ConnStatusType {
    CONNECTION_OK = 0,
    CONNECTION_BAD = 1,
    CONNECTION_STARTED = 2,
    CONNECTION_MADE = 3,
    CONNECTION_AWAITING_RESPONSE = 4,
    CONNECTION_AUTH_OK = 5,
    CONNECTION_SETENV = 6,
    CONNECTION_SSL_STARTUP = 7,
    CONNECTION_NEEDED = 8,
    CONNECTION_CHECK_WRITABLE = 9,
    CONNECTION_CONSUME = 10,
    CONNECTION_GSS_STARTUP = 11,
    CONNECTION_CHECK_TARGET = 12,
    CONNECTION_CHECK_STANDBY = 13,
    CONNECTION_ALLOCATED = 14,
    CONNECTION_AUTHENTICATING = 15,
}

#[repr(u32)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
pub enum ExecStatusType {
    PGRES_EMPTY_QUERY = 0,
    PGRES_COMMAND_OK = 1,
    PGRES_TUPLES_OK = 2,
    PGRES_COPY_OUT = 3,
    PGRES_COPY_IN = 4,
    PGRES_BAD_RESPONSE = 5,
    PGRES_NONFATAL_ERROR = 6,
    PGRES_FATAL_ERROR = 7,
    PGRES_COPY_BOTH = 8,
    PGRES_SINGLE_TUPLE = 9,
    PGRES_PIPELINE_SYNC = 10,
    PGRES_PIPELINE_ABORTED = 11,
    PGRES_TUPLES_CHUNK = 12,
}

#[repr(u32)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
pub enum PGTransactionStatusType {
    PQTRANS_IDLE = 0,
    PQTRANS_ACTIVE = 1,
    PQTRANS_INTRANS = 2,
    PQTRANS_INERROR = 3,
    PQTRANS_UNKNOWN = 4,
}

unsafe extern "C" {
    pub fn PQconnectdb(conninfo: *const c_char) -> *mut PGconn;
    pub fn PQfinish(conn: *mut PGconn);
    pub fn PQstatus(conn: *const PGconn) -> ConnStatusType;
    pub fn PQtransactionStatus(conn: *const PGconn) -> PGTransactionStatusType;
    pub fn PQerrorMessage(conn: *const PGconn) -> *mut c_char;
    pub fn PQsocket(conn: *const PGconn) -> c_int;
    pub fn PQsetNoticeProcessor(conn: *mut PGconn, proc_: PQnoticeProcessor, arg: *mut c_void) -> PQnoticeProcessor;
    pub fn PQconsumeInput(conn: *mut PGconn) -> c_int;
    pub fn PQisBusy(conn: *mut PGconn) -> c_int;
    pub fn PQnotifies(conn: *mut PGconn) -> *mut pgNotify;
    pub fn PQfreemem(ptr: *mut c_void);
    pub fn PQsendQueryParams(
        conn: *mut PGconn,
        command: *const c_char,
        count: c_int,
        types: *const Oid,
        values: *const *const c_char,
        lengths: *const c_int,
        formats: *const c_int,
        result_format: c_int,
    ) -> c_int;
    pub fn PQsendQueryPrepared(
        conn: *mut PGconn,
        name: *const c_char,
        count: c_int,
        values: *const *const c_char,
        lengths: *const c_int,
        formats: *const c_int,
        result_format: c_int,
    ) -> c_int;
    pub fn PQsetSingleRowMode(conn: *mut PGconn) -> c_int;
    pub fn PQputCopyData(conn: *mut PGconn, buffer: *const c_char, bytes: c_int) -> c_int;
    pub fn PQputCopyEnd(conn: *mut PGconn, message: *const c_char) -> c_int;
    pub fn PQgetCopyData(conn: *mut PGconn, buffer: *mut *mut c_char, at_once: c_int) -> c_int;
    pub fn PQresultStatus(result: *const PGresult) -> ExecStatusType;
    pub fn PQresultErrorMessage(result: *const PGresult) -> *mut c_char;
    pub fn PQntuples(result: *const PGresult) -> c_int;
    pub fn PQnfields(result: *const PGresult) -> c_int;
    pub fn PQfname(result: *const PGresult, column: c_int) -> *mut c_char;
    pub fn PQftype(result: *const PGresult, column: c_int) -> Oid;
    pub fn PQcmdTuples(result: *mut PGresult) -> *mut c_char;
    pub fn PQgetvalue(result: *const PGresult, row: c_int, column: c_int) -> *mut c_char;
    pub fn PQgetlength(result: *const PGresult, row: c_int, column: c_int) -> c_int;
    pub fn PQgetisnull(result: *const PGresult, row: c_int, column: c_int) -> c_int;
    pub fn PQclear(result: *mut PGresult);
}

/// The functions that this crate has its own form of.
pub(crate) mod libpq {
    use super::{Oid, PGconn, PGresult, c_char, c_int};

    unsafe extern "C" {
        pub(crate) fn PQresultErrorField(result: *const PGresult, field: c_int) -> *mut c_char;
        pub(crate) fn PQgetResult(conn: *mut PGconn) -> *mut PGresult;
        pub(crate) fn PQexec(conn: *mut PGconn, statements: *const c_char) -> *mut PGresult;
        pub(crate) fn PQsendQuery(conn: *mut PGconn, statements: *const c_char) -> c_int;
        pub(crate) fn PQprepare(
            conn: *mut PGconn,
            name: *const c_char,
            statement: *const c_char,
            count: c_int,
            types: *const Oid,
        ) -> *mut PGresult;
        pub(crate) fn PQsendPrepare(
            conn: *mut PGconn,
            name: *const c_char,
            statement: *const c_char,
            count: c_int,
            types: *const Oid,
        ) -> c_int;
    }
}
