//! A text of a request that is read with the rest of the request, so that all the faults are told at once, those that need
//! the date of the day among them.

use serde::{Deserialize, Serialize};

use crate::fault::{Fault, InvalidValue};

/// A text as the caller sent it. The field's schema is that of the value that is read from it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Unread(String);

impl Unread {
    /// Reads the value. A text that is none adds a fault at `pointer`, and gives `None`.
    pub fn read<T>(
        &self,
        pointer: &str,
        parse: impl FnOnce(&str) -> Result<T, InvalidValue>,
        faults: &mut Vec<Fault>,
    ) -> Option<T> {
        parse(&self.0).map_err(|error| faults.push(Fault::new(pointer, error.to_string()))).ok()
    }
}

impl From<&str> for Unread {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl std::fmt::Debug for Unread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Unread(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::text::Line;

    #[test]
    fn what_cannot_be_read_is_a_fault_and_is_not_printed() {
        let mut faults = Vec::new();
        let long = Unread::from("Annabel");
        assert_eq!(long.read("/name", Line::<5>::parse, &mut faults), None);
        assert_eq!(faults, [Fault::new("/name", "must be at most 5 characters")]);
        assert!(Unread::from("Ann").read("/name", Line::<5>::parse, &mut faults).is_some());
        assert_eq!((faults.len(), format!("{long:?}").as_str()), (1, "Unread(..)"));
    }
}
