//! From a file that was read to a layer: fields mapped, letters put right, the table checked.

use std::path::Path;
use std::sync::Arc;

use super::new_layer;
use crate::analysis::check::{CheckOptions, check, repair};
use crate::analysis::expr::Expression;
use crate::analysis::mapping::{self, Suggestion};
use crate::base::cancel::{CancelToken, Cancelled};
use crate::io::import::Imported;
use crate::model::layer::{Layer, LayerContent, LayerRole};
use crate::model::mapping::MappingTemplate;
use crate::model::project::Project;
use crate::model::table::FeatureTable;
use crate::report::import::FileReport;

/// Capitals of a text column, where the old encoding had none of its own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LetterCase {
    #[default]
    AsRead,
    /// The first letter of each word: "Nguyễn Văn Ứng".
    Title,
    Upper,
}

impl LetterCase {
    pub const ALL: [Self; 3] = [Self::AsRead, Self::Title, Self::Upper];

    /// A text in this case.
    #[must_use]
    pub fn apply(self, text: &str) -> String {
        match self {
            Self::AsRead => text.to_owned(),
            Self::Title => crate::analysis::expr::title(text),
            Self::Upper => text.to_uppercase(),
        }
    }
}

/// What is to be done with a file on its way in.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Wishes {
    /// `None`: as suggested, where the fields are those of a cadastre.
    pub template: Option<MappingTemplate>,
    /// By the file's own field names.
    pub cases: Vec<(String, LetterCase)>,
    /// Safe repairs are made at once.
    pub mend: bool,
}

/// A new layer for a project, and how it went.
///
/// # Errors
/// [`Cancelled`] when the user has had enough.
pub fn accept(
    path: &Path,
    imported: Imported,
    wishes: &Wishes,
    project: &Project,
    cancel: &CancelToken,
) -> Result<(Layer, FileReport), Cancelled> {
    let mut report = FileReport::of(path.to_owned(), &imported);
    let mut layer = new_layer::of(path, imported, project);
    if let LayerContent::Features(table) = &layer.content {
        let suggested = mapping::suggest(table);
        let raised = in_case(table, &wishes.cases);
        let mut mapped = match &wishes.template {
            Some(template) => template.apply(&raised),
            None if is_cadastre(&suggested) => mapping::template("", &suggested).apply(&raised),
            None => raised,
        };
        let options = CheckOptions::for_table(&mapped);
        let mut found = check(&mapped, &options, cancel)?;
        if wishes.mend {
            let wanted: Vec<_> = found.issues.iter().filter_map(|i| Some((i.row, i.repair?))).collect();
            let repaired = repair(&mapped, &wanted);
            report.repaired = repaired.done.len();
            mapped = repaired.table;
            found = check(&mapped, &options, cancel)?;
        }
        if options.mosaic && project.with_role(LayerRole::Parcels).is_none() {
            layer.role = LayerRole::Parcels;
        }
        report.mapping = suggested;
        report.check = Some(found);
        layer.style = new_layer::style(&mapped, project);
        layer.content = LayerContent::Features(Arc::new(mapped));
    }
    report.layer = Some(layer.id.0.clone());
    Ok((layer, report))
}

/// Whether the fields are those of a cadastral sheet.
#[must_use]
pub fn is_cadastre(suggested: &[Suggestion]) -> bool {
    ["SOTO", "SOTHUA"].iter().all(|wanted| suggested.iter().any(|s| s.target == *wanted))
}

fn in_case(table: &FeatureTable, cases: &[(String, LetterCase)]) -> FeatureTable {
    let mut changed = table.clone();
    for (field, case) in cases {
        let Some(at) = table.field_index(field) else { continue };
        let quoted = table.schema[at].name.replace('"', "\"\"");
        let text = match case {
            LetterCase::AsRead => continue,
            LetterCase::Title => format!("title(\"{quoted}\")"),
            LetterCase::Upper => format!("upper(\"{quoted}\")"),
        };
        // A field of the table's own name always parses; a name that does not stays as it was read.
        if let Ok(expression) = Expression::parse(&text, &table.schema) {
            let column = expression.column(table);
            if column.kind() == table.schema[at].kind {
                changed.columns[at] = column;
            }
        }
    }
    changed
}
