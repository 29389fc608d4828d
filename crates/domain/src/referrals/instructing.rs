//! What a council instructs a practice to do. An officer gives an instruction in their own session, and the practice acts on it once.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::CouncilRequestId;
use crate::words::sql_text::closed_codes;
use crate::words::text::Passage;

closed_codes! {
    /// What a council instructs a practice to do.
    pub enum InstructionKind {
        /// The case is taken from the worker who has it, and given to another.
        MoveWorkerOff = "move_worker_off",
    }
}

closed_codes! {
    /// Where an instruction is.
    pub enum InstructionStatus {
        /// The council gave the instruction, and the practice has not acted on it.
        Given = "given",
        /// The practice acted on the instruction.
        Followed = "followed",
        /// The council withdrew the instruction before the practice acted on it.
        Withdrawn = "withdrawn",
    }
}

/// An instruction to a practice, about what the council asked it to do for a person.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "kind": "move_worker_off",
    "referral_id": "01937c5e-2b00-7a41-9d6c-5f0e1a2b3c4d",
    "words": "Somebody else works with Mrs Marlow from Monday on.",
}))]
pub struct GiveInstruction {
    /// What the practice is instructed to do.
    pub kind: InstructionKind,
    /// The council's referral that the practice accepted, whose case is open.
    pub referral_id: CouncilRequestId,
    /// What the practice is told. It reads these words and nothing else: they say what is to be done, and nobody's reason for it that it
    /// must not know.
    pub words: Passage<2000>,
}
