//! The rows of the table of events that are about what a council instructs a practice to do. None of them says which of its officers gave an
//! instruction but that of the council's own log.

/// Puts these rows behind those of the table, and those of complaints behind both.
macro_rules! with_instructions {
    ($($rows:tt)*) => {
        with_complaints! {
            $($rows)*
            // Instructions: of a council, to a practice, and what a practice asks for one.

            /// An officer of a council gave an instruction to a practice.
            InstructionGiven = "instruction.given", about instruction: InstructionId, in Council;
            /// An instruction of a council arrived at the practice.
            InstructionReceived = "instruction.received", about instruction: InstructionId, of person: ServiceUserId, in Practice,
                announced at practice: "the practice",
                notice to managers: "the managers, but for those to whom the record is closed";
            /// A council withdrew an instruction on which the practice had not acted; both logs say so.
            InstructionWithdrawn = "instruction.withdrawn", about instruction: InstructionId, of person: Option<ServiceUserId>,
                in PracticeOrCouncil, announced at practice: "the practice",
                notice to managers: "the managers, but for those to whom the record is closed";
            /// A practice acted on an instruction of a council.
            InstructionFollowed = "instruction.followed", about instruction: InstructionId, of person: ServiceUserId,
                with council: CouncilId, with request: CouncilRequestId, in Practice,
                announced to council about request: "the council that gave it";
            /// The instructions that a practice got, or that a council gave, were listed.
            InstructionsListed = "instruction.listed", about owner: LogOwner, in PracticeOrCouncil;
            /// An officer of a council read an instruction that it gave.
            InstructionRead = "instruction.read", about instruction: InstructionId, in Council;
            /// A member of staff asked the accountable council to have a document erased, for a reason that the log keeps.
            DocumentErasureAsked = "document.erasure_asked", about document: DocumentId, of person: Option<ServiceUserId>,
                with council: CouncilId, with erasure: ErasureRequestId, in Practice,
                announced to council about erasure: "the council that is asked";
            /// A member of staff took back a request to erase a document on which the council had not decided.
            DocumentErasureTakenBack = "document.erasure_taken_back", about erasure: ErasureRequestId, with council: CouncilId,
                in Practice, announced to council about erasure: "the council that was asked";
            /// A document was erased on the council's instruction: its key, its name and then its content were destroyed.
            DocumentErased = "document.erased", about document: DocumentId, of person: Option<ServiceUserId>, in Practice,
                notice to asker: "the member of staff who asked for it";
            /// The council refused to have a document erased, which stays.
            DocumentErasureRefused = "document.erasure_refused", about document: DocumentId, of person: Option<ServiceUserId>,
                in Practice, notice to asker: "the member of staff who asked for it";
            /// An officer of a council instructed a practice to erase a document, for a reason that the log keeps.
            ErasureInstructed = "erasure.instructed", about erasure: ErasureRequestId, in Council;
            /// An officer of a council refused to have a document erased, for a reason that the log keeps.
            ErasureRefused = "erasure.refused", about erasure: ErasureRequestId, in Council;
            /// Requests to erase documents were listed: a member of staff's own, or those on which a council decides.
            ErasureRequestsListed = "erasure.listed", about owner: LogOwner, in PracticeOrCouncil;
            /// A request to erase a document was read: by who asked, or at the council that decides on it.
            ErasureRequestRead = "erasure.read", about erasure: ErasureRequestId, in PracticeOrCouncil;
        }
    };
}

pub(super) use with_instructions;
