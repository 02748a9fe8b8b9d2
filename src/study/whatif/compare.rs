//! Two scenarios side by side: every figure, its change, and why.

use serde::{Deserialize, Serialize};

use super::indicator::{Better, Figure, UNCERTAINTY_DIGITS, figures, model_key, reads};
use super::run::{Model, ScenarioRun};
use crate::base::message::Message;
use crate::base::units::significant;
use crate::model::change::Edit;
use crate::study::effects::Input;
use crate::study::effects::table::Percent;

/// Whether a change is welcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    Better,
    Worse,
    /// Changed, and nobody says whether that is good.
    Other,
    /// Not more than rounding, or than what is left unsure of a difference.
    Same,
}

/// The way from a figure back to what was changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Why {
    pub model: Model,
    /// Digests of the two runs; the same one twice when nothing of its inputs changed.
    pub runs: [String; 2],
    /// Inputs of the runs whose digests differ.
    pub inputs: Vec<String>,
    /// Which layers and measures those are, and the edits (from 1) of each scenario that touched them.
    pub touched: Vec<Touched>,
    /// Clauses that count, and how many plots break each: in the first, in the second scenario.
    pub clauses: Vec<(String, usize, usize)>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Touched {
    pub input: Input,
    pub first: Vec<usize>,
    pub second: Vec<usize>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    pub first: Option<Figure>,
    pub second: Option<Figure>,
    pub change: Option<f64>,
    /// The difference may be so much higher or lower.
    pub plus_minus: Option<f64>,
    pub verdict: Verdict,
    pub why: Why,
}

impl Verdict {
    /// Key of its word in the catalogues.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Better => "whatif-verdict-better",
            Self::Worse => "whatif-verdict-worse",
            Self::Other => "whatif-verdict-other",
            Self::Same => "whatif-verdict-same",
        }
    }
}

impl Row {
    /// Up, down, or as it was.
    #[must_use]
    pub fn arrow(&self) -> &'static str {
        match (self.verdict, self.change) {
            (Verdict::Same, _) | (_, None) => "=",
            (_, Some(change)) if change > 0.0 => "↑",
            _ => "↓",
        }
    }

    /// The figure of whichever scenario has it.
    #[must_use]
    pub fn figure(&self) -> Option<&Figure> {
        self.second.as_ref().or(self.first.as_ref())
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    pub rows: Vec<Row>,
    pub edits: [Vec<Edit>; 2],
}

/// Figures that leadership looks at first.
const KEY: [&str; 7] = ["residents", "mean-time", "congested-km", "exposure", "burnt-p95", "fire-people", "forest"];

impl Comparison {
    /// The seven figures that matter: one substance is enough, and where the sea was simulated the beach that changes
    /// most, in the place of what stays the same.
    #[must_use]
    pub fn key_rows(&self) -> Vec<&Row> {
        let is =
            |row: &&Row, key: &str| row.figure().is_some_and(|f| f.key.trim_start_matches("whatif-figure-") == key);
        let first = |key: &&str| self.rows.iter().find(|row| is(row, key));
        let mut rows: Vec<&Row> = KEY.iter().filter_map(first).collect();
        let change = |row: &Row| row.change.map_or(0.0, f64::abs);
        let beaches = self.rows.iter().filter(|row| row.why.model == Model::Water);
        rows.extend(beaches.max_by(|a, b| change(a).total_cmp(&change(b))));
        while rows.len() > KEY.len() {
            let last = rows.len() - 1;
            let gone = rows.iter().take(last).rposition(|row| row.verdict == Verdict::Same).unwrap_or(0);
            rows.remove(gone);
        }
        rows
    }

    /// The way back from a figure, in sentences: run, inputs that changed, edits that changed them, clauses.
    #[must_use]
    pub fn reasons(&self, row: &Row) -> Vec<Message> {
        let why = &row.why;
        let mut lines = Vec::new();
        let model = Message::new(model_key(why.model));
        let [first, second] = [why.runs[0].as_str(), why.runs[1].as_str()];
        lines.push(if first == second && !first.is_empty() {
            Message::new("whatif-why-same").with("model", model).with("run", first)
        } else if second.is_empty() {
            Message::new("whatif-why-counted").with("model", model)
        } else {
            Message::new("whatif-why-run")
                .with("model", model)
                .with("first", first)
                .with("second", second)
                .with("inputs", why.inputs.join(", "))
        });
        // An edit that both have explains no difference.
        for touched in &why.touched {
            for (side, edits) in [(0, &touched.first), (1, &touched.second)] {
                for number in edits {
                    let Some(edit) = self.edits[side].get(number - 1) else { continue };
                    if self.edits[1 - side].contains(edit) {
                        continue;
                    }
                    lines.push(
                        Message::new("whatif-why-edit")
                            .with("input", Message::new(touched.input.key()))
                            .with("side", ["A", "B"][side])
                            .with("number", *number)
                            .with("edit", edit.to_message()),
                    );
                }
            }
        }
        for (clause, a, b) in why.clauses.iter().filter(|c| c.1 != c.2) {
            lines.push(Message::new("whatif-why-clause").with("clause", clause.as_str()).with("a", *a).with("b", *b));
        }
        lines
    }
}

/// Changes below this share of a figure are noise of the solvers.
const NOISE: f64 = 2e-4;

/// Every figure that one of them has.
#[must_use]
pub fn compare(first: &ScenarioRun, second: &ScenarioRun, uncertainty: &Percent) -> Comparison {
    let (a, b) = (figures(first, uncertainty), figures(second, uncertainty));
    let same = |x: &Figure, y: &Figure| x.key == y.key && x.about == y.about;
    let mut rows: Vec<Row> = a.iter().map(|x| row(Some(x), b.iter().find(|y| same(x, y)), first, second)).collect();
    rows.extend(b.iter().filter(|y| !a.iter().any(|x| same(x, y))).map(|y| row(None, Some(y), first, second)));
    Comparison { rows, edits: [first.resolved.edits.clone(), second.resolved.edits.clone()] }
}

fn row(a: Option<&Figure>, b: Option<&Figure>, first: &ScenarioRun, second: &ScenarioRun) -> Row {
    let change = a.zip(b).map(|(a, b)| b.value - a.value);
    // What both have in common cancels: the difference is as unsure, in share, as the figures are.
    let plus_minus = a.zip(b).and_then(|(a, b)| {
        let share = |f: &Figure| f.plus_minus.filter(|_| f.value != 0.0).map(|pm| pm / f.value.abs());
        let share = share(a).or(share(b))?.max(share(b).unwrap_or(0.0));
        Some(significant((share * (b.value - a.value)).abs(), UNCERTAINTY_DIGITS))
    });
    let model = b.or(a).map_or(Model::Layers, |f| f.model);
    let why = why(model, b.or(a), first, second);
    let verdict = match (a, b, change) {
        (Some(a), Some(b), Some(change)) => {
            let rounding = 0.5 * 10_f64.powi(-i32::try_from(b.decimals).unwrap_or(0));
            // Same run: same figure, to the bit.
            let noise = if why.inputs.is_empty() { 0.0 } else { NOISE * a.value.abs().max(b.value.abs()) };
            if change.abs() < rounding.max(noise) {
                Verdict::Same
            } else {
                match b.better {
                    Better::Neither => Verdict::Other,
                    Better::Less if change < 0.0 => Verdict::Better,
                    Better::More if change > 0.0 => Verdict::Better,
                    _ => Verdict::Worse,
                }
            }
        }
        _ => Verdict::Other,
    };
    Row { first: a.cloned(), second: b.cloned(), change, plus_minus, verdict, why }
}

fn why(model: Model, figure: Option<&Figure>, first: &ScenarioRun, second: &ScenarioRun) -> Why {
    let (a, b) = (first.inputs(model), second.inputs(model));
    let mut inputs: Vec<String> = b.iter().filter(|input| !a.contains(input)).map(|input| input.name.clone()).collect();
    inputs.extend(a.iter().filter(|x| !b.iter().any(|y| y.name == x.name)).map(|x| x.name.clone()));
    let edits = |run: &ScenarioRun, input: Input| run.resolved.touched.get(&input).cloned().unwrap_or_default();
    let touched = reads(model, figure.map_or("", |f| &f.key))
        .iter()
        .map(|input| Touched { input: *input, first: edits(first, *input), second: edits(second, *input) })
        .filter(|t| !t.first.is_empty() || !t.second.is_empty())
        .collect();
    let clauses = if figure.is_some_and(|f| f.key.ends_with("violations")) {
        let mut names: Vec<&String> = first.still.clauses.iter().chain(&second.still.clauses).map(|c| &c.0).collect();
        names.sort();
        names.dedup();
        let count = |list: &[(String, usize)], name: &str| list.iter().find(|c| c.0 == name).map_or(0, |c| c.1);
        names
            .into_iter()
            .map(|n| (n.clone(), count(&first.still.clauses, n), count(&second.still.clauses, n)))
            .collect()
    } else {
        Vec::new()
    };
    Why { model, runs: [first.digest(model), second.digest(model)], inputs, touched, clauses }
}
