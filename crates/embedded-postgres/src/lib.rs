//! A private PostgreSQL for demonstrations and tests.
//!
//! [`Server::start`] makes a cluster in a directory if there is none yet, runs PostgreSQL on it as
//! a child of this program, and stops it again when the [`Server`] is dropped. The PostgreSQL
//! programs themselves must be installed; see [`find_binaries`].
//!
//! Nobody else can reach the server. It listens on a Unix socket only, in a directory that only
//! its own user can enter, which is also why it asks for no password.
//!
//! PostgreSQL refuses to run as root. When this program does, the server runs as the owner of its
//! directory or, where there is none yet or it belongs to root, as the user `postgres`. Root can
//! still connect, since no permission keeps root out.
//!
//! # When the program is killed
//!
//! On Linux the kernel stops the server if this program dies without stopping it. That promise is
//! bound to the *thread* that started the server: **call [`Server::start`] from the main thread**,
//! or from another that lives for as long as the server is needed, and never from a pool's thread.
//! Elsewhere the server outlives a killed program, and the next start on the directory says so.

mod account;
mod binaries;
mod cluster;
mod error;
mod lock_file;
mod private_directory;
mod server;

pub use binaries::find_binaries;
pub use error::Error;
pub use private_directory::PrivateDirectory;
pub use server::{Options, Server};
