//! `island-twin query PROJECT 'EXPRESSION'`: rows, numbers and neighbours.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::args::QueryArgs;
use super::files::Files;
use super::project_file;
use crate::analysis::expr::{ExprError, Expression};
use crate::analysis::near;
use crate::analysis::statistics::statistics;
use crate::base::message::{Message, ToMessage};
use crate::geo::index::FeatureIndex;
use crate::io::export::{VectorFormat, write_features};
use crate::model::layer::Layer;
use crate::model::mapping::{is_personal, without_personal};
use crate::model::project::Project;
use crate::model::table::{FeatureTable, Value};

/// The answer as JSON.
///
/// # Errors
/// A sentence that says what to do.
pub fn query(args: &QueryArgs) -> Result<String, Message> {
    let files = Files::new()?;
    let project = project_file::open(&args.project, &files)?;
    let mut answers = Vec::new();
    for (layer, table, expression) in asked(&project, args)? {
        let mut rows = expression.rows(table);
        if let Some(near) = &args.near {
            let other = vector(project_file::layer(&project, near)?)?;
            let index = FeatureIndex::build(&other.geometry);
            let close = near::within(&table.geometry, &other.geometry, &index, args.distance);
            rows.retain(|row| close.binary_search(row).is_ok());
        }
        if let Some(out) = &args.out {
            let format = VectorFormat::of_path(out, &layer.id.0).ok_or_else(|| {
                Message::new("cli-export-format").with("known", "shp, gpkg, geojson, kml, csv, fgb, dxf")
            })?;
            let selected = table.select(&rows);
            let selected = if args.personal { selected } else { without_personal(&selected) };
            write_features(&selected, &project.frame.crs, &project.frame.crs, out, &format)
                .map_err(|e| e.to_message())?;
        }
        answers.push(answer(layer, table, &rows, args)?);
    }
    Ok(format!("{:#}\n", Json::Array(answers)))
}

/// The layer that was named, or every layer that has the fields of the expression.
fn asked<'a>(
    project: &'a Project,
    args: &QueryArgs,
) -> Result<Vec<(&'a Layer, &'a Arc<FeatureTable>, Expression)>, Message> {
    let parse = |table: &FeatureTable| Expression::parse(&args.expression, &table.schema);
    if let Some(id) = &args.layer {
        let layer = project_file::layer(project, id)?;
        let table = vector(layer)?;
        return Ok(vec![(layer, table, parse(table).map_err(|e| e.to_message())?)]);
    }
    let (mut found, mut first_error) = (Vec::new(), None);
    for layer in &project.layers {
        let Some(table) = layer.content.features() else { continue };
        match parse(table) {
            Ok(expression) => found.push((&**layer, table, expression)),
            // A mistake in the text is one in every layer.
            Err(error @ ExprError::UnknownField { .. }) => {
                first_error.get_or_insert(error);
            }
            Err(error) => return Err(error.to_message()),
        }
    }
    match (found.is_empty(), first_error) {
        (true, Some(error)) => Err(error.to_message()),
        _ => Ok(found),
    }
}

fn vector(layer: &Layer) -> Result<&Arc<FeatureTable>, Message> {
    layer.content.features().ok_or_else(|| Message::new("cli-query-no-table").with("layer", layer.id.0.as_str()))
}

fn answer(layer: &Layer, table: &FeatureTable, rows: &[usize], args: &QueryArgs) -> Result<Json, Message> {
    let shown: Vec<usize> =
        (0..table.schema.len()).filter(|&i| args.personal || !is_personal(&table.schema[i].name)).collect();
    let features: Vec<Json> = rows
        .iter()
        .take(args.limit)
        .map(|&row| {
            let cells: serde_json::Map<String, Json> =
                shown.iter().map(|&i| (table.schema[i].name.clone(), cell(table.columns[i].get(row)))).collect();
            json!({ "row": row + 1, "id": table.ids[row], "values": cells, "bounds": table.geometry.get(row).bounds() })
        })
        .collect();
    let numbers = match &args.stats {
        None => None,
        Some(text) => {
            let expression = Expression::parse(text, &table.schema).map_err(|e| e.to_message())?;
            Some(statistics(&expression.column(table), rows.iter().copied()))
        }
    };
    Ok(json!({ "layer": layer.id, "count": rows.len(), "statistics": numbers, "features": features }))
}

fn cell(value: Value<'_>) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Text(text) => json!(text),
        Value::Integer(i) => json!(i),
        Value::Real(r) => json!(r),
    }
}
