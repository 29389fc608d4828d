//! The rows of the table of events that are about what a council instructs a practice to do. None of them says which of its officers gave an
//! instruction but that of the council's own log.

/// Puts these rows behind those of the table, and those of complaints behind both.
macro_rules! with_instructions {
    ($($rows:tt)*) => {
        with_complaints! {
            $($rows)*
            // Instructions: of a council, to a practice.

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
        }
    };
}

pub(super) use with_instructions;
