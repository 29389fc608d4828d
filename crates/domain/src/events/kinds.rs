//! The closed lists beside the events: doors, outcomes, lines of a timeline, unusual access, what can be refused without a
//! permission.

/// Makes an enum of fixed words by [`closed_codes!`](crate::words::sql_text), whose variants know the sentence that says what they
/// mean.
macro_rules! kinds {
    (
        $(#[doc = $doc:literal])*
        pub enum $name:ident {
            $(#[doc = $sentence:literal] $variant:ident = $word:literal),+ $(,)?
        }
    ) => {
        $crate::words::sql_text::closed_codes! {
            $(#[doc = $doc])*
            pub enum $name {
                $(#[doc = $sentence] $variant = $word),+
            }
        }

        impl $name {
            /// What it means, in a sentence.
            pub const fn sentence(self) -> &'static str {
                match self {
                    $(Self::$variant => $sentence.trim_ascii()),+
                }
            }
        }
    };
}

pub(super) use kinds;

kinds! {
    /// The door by which a caller came in, as the audit log has it.
    pub enum Door {
        /// A member of staff at the practice's door, or signing in there.
        Practice = "practice",
        /// A council's system.
        Council = "council",
        /// A partner app.
        Partner = "partner",
        /// An operator, or somebody whose practice is not known when they sign in.
        Operator = "operator",
        /// A client that asks for a token or ends one.
        Identity = "identity",
        /// The service itself, when the time of something has come.
        Worker = "worker",
        /// Whoever runs the program's commands on the machine itself.
        Console = "console",
    }
}

kinds! {
    /// Whether something was done.
    pub enum Outcome {
        /// It was done.
        Done = "done",
        /// The caller was refused it.
        Refused = "refused",
    }
}

kinds! {
    /// What can be refused to somebody who needs no permission for it; every other refusal has the word of its permission.
    pub enum Attempt {
        /// Somebody tried to sign in with a password and a second factor.
        SignIn = "sign_in",
        /// Somebody came from their practice's provider.
        SingleSignOn = "single_sign_on",
        /// The owner of an account tried to prove their second factor anew.
        ProveFactor = "account.prove_factor",
    }
}

kinds! {
    /// What a line of a case's timeline says.
    pub enum TimelineKind {
        /// The case was opened.
        Opened = "opened",
        /// The case was allocated to the worker whom the line is about.
        Allocated = "allocated",
        /// The note that the line is about was written.
        NoteWritten = "note_written",
        /// Somebody asked to close the case; a second person decides on the request that the line is about.
        ClosingAsked = "closing_asked",
        /// The second person did not agree to close the case.
        ClosingRefused = "closing_refused",
        /// The case was closed.
        Closed = "closed",
        /// The case is open again, because the second person did not agree.
        Reopened = "reopened",
    }
}

kinds! {
    /// Why access to records is unusual. A finding is a question, not a fault.
    pub enum UnusualAccess {
        /// The person's family name is the surname of the member of staff, or is joined with it.
        OwnSurname = "own_surname",
        /// The person lives in the postcode of the member of staff, who has said theirs.
        SameAddress = "same_address",
        /// The person had no case that was open then or about then.
        NoOpenCase = "no_open_case",
        /// The member of staff was at very many people's records in one day.
        Bulk = "bulk",
    }
}
