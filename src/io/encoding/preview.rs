//! How sure the encoding of a column is, with cells for the user to judge.

use super::{TextEncoding, detect, score_of};

pub(crate) struct Preview {
    pub(crate) encoding: TextEncoding,
    pub(crate) score: f64,
    pub(crate) runner_up: (TextEncoding, f64),
    /// The same cells read both ways.
    pub(crate) examples: Vec<(String, String)>,
}

/// Cells that are shown.
const EXAMPLES: usize = 5;

/// `sample` are cells with letters beyond ASCII.
pub(crate) fn preview(encoding: TextEncoding, sample: &[&[u8]]) -> Preview {
    let found = detect(sample);
    let runner_up = if found.encoding == encoding { found.runner_up } else { (found.encoding, found.score) };
    let mut shown: Vec<&[u8]> = sample.to_vec();
    shown.sort_unstable();
    shown.dedup();
    let step = shown.len().div_ceil(EXAMPLES).max(1);
    let both = |cell: &&[u8]| (encoding.decode(cell), runner_up.0.decode(cell));
    Preview {
        encoding,
        score: score_of(encoding, sample),
        runner_up,
        examples: shown.iter().step_by(step).map(both).collect(),
    }
}
