//! Documents: the kinds that are taken, found by their content; their names; and how many there may be.

pub mod container;
pub mod content;
pub mod kind;
pub mod limits;
pub mod name;
pub mod state;
mod text;

pub use content::ContentCheck;
pub use kind::DocumentKind;
pub use name::DocumentName;
pub use state::DocumentStatus;
