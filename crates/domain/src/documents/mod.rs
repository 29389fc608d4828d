//! Documents: the kinds that are taken, found by their content; their names; how many there may be; and
//! what is taken out of pictures.

pub mod container;
pub mod content;
pub mod erasing;
pub mod kind;
pub mod limits;
pub mod name;
pub mod places;
pub mod state;
mod text;

pub use content::ContentCheck;
pub use kind::DocumentKind;
pub use name::DocumentName;
pub use places::Places;
pub use state::DocumentStatus;
