//! The closed lists beside the events: doors, outcomes, lines of a timeline, unusual access, and attempts that need no
//! permission.

/// Makes an enum of fixed words by [`closed_codes!`](crate::words::sql_text). Each variant knows the sentence that says
/// what it means.
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
            /// Returns the sentence that says what the value means.
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
        /// A member of staff called the practice's door, or signed in there.
        Practice = "practice",
        /// A council's system called the council's door.
        Council = "council",
        /// Somebody to whom complaints are assigned or offered called the complaints' door, or signed in there.
        Complaints = "complaints",
        /// A partner app called the partner's door.
        Partner = "partner",
        /// An operator called the operator's door, or somebody signed in whose practice is not known.
        Operator = "operator",
        /// A client asked for an access token or revoked one.
        Identity = "identity",
        /// The service itself did a job that was due.
        Worker = "worker",
        /// Somebody ran one of the program's commands on the machine itself.
        Console = "console",
    }
}

kinds! {
    /// The feed in which an announcement appears. Each recipient's feed has numbers of its own.
    pub enum Feed {
        /// A council's systems and officers read it.
        Council = "council",
        /// The council's safeguarding duty reads it, and the system that rings them.
        Safeguarding = "safeguarding",
        /// It tells of what happened at a practice.
        Practice = "practice",
    }
}

kinds! {
    /// The outcome of an action in the audit log.
    pub enum Outcome {
        /// The action was done.
        Done = "done",
        /// The action was refused to the caller.
        Refused = "refused",
    }
}

kinds! {
    /// An action that needs no permission and can be refused all the same. Every other refusal has the word of its
    /// permission.
    pub enum Attempt {
        /// Somebody tried to sign in with a password and a second factor.
        SignIn = "sign_in",
        /// The owner of an account proved both factors at a door, or named a practice, where the account has nothing.
        ComeIn = "come_in",
        /// Somebody tried to sign in through their practice's identity provider.
        SingleSignOn = "single_sign_on",
        /// The owner of an account tried to prove their second factor again.
        ProveFactor = "account.prove_factor",
    }
}

kinds! {
    /// The kind of a line on a case's timeline.
    pub enum TimelineKind {
        /// The case was opened.
        Opened = "opened",
        /// The case was allocated to the worker whom the line is about.
        Allocated = "allocated",
        /// The note that the line is about was written.
        NoteWritten = "note_written",
        /// A registrant agreed that the practitioner, whom the line is about, may ask to close the case.
        ClosingAgreed = "closing_agreed",
        /// Somebody asked to close the case; a second person decides on the request that the line is about.
        ClosingAsked = "closing_asked",
        /// The second person did not agree to close the case.
        ClosingRefused = "closing_refused",
        /// The request to close the case was taken back by the member of staff who made it.
        ClosingTakenBack = "closing_taken_back",
        /// The case was closed.
        Closed = "closed",
        /// Somebody asked to take the case from its worker, or did; the line is about the request to a second person.
        MovingAsked = "moving_asked",
        /// The second person did not agree to take the case from its worker.
        MovingRefused = "moving_refused",
        /// The request to take the case from its worker was taken back by the member of staff who made it.
        MovingTakenBack = "moving_taken_back",
    }
}

kinds! {
    /// The reason why access to records is unusual. A finding is a question, not a fault.
    pub enum UnusualAccess {
        /// The person's family name is the surname of the member of staff, or is joined with it.
        OwnSurname = "own_surname",
        /// The person lives in the postcode that the member of staff has given as their home.
        SameAddress = "same_address",
        /// The person had no case that was open then or shortly before or after.
        NoOpenCase = "no_open_case",
        /// The member of staff opened very many people's records in one day.
        Bulk = "bulk",
    }
}
