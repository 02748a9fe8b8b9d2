//! How an import went, file by file: as JSON for programs, as one HTML page for people.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::analysis::check::CheckReport;
use crate::analysis::mapping::Suggestion;
use crate::analysis::zone::Suspicion;
use crate::base::message::{Message, ToMessage};
use crate::io::import::{EncodingPreview, ImportError, Imported, Problem};

/// One file, or one layer of it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FileReport {
    pub path: PathBuf,
    /// The layer of the project that it became.
    pub layer: Option<String>,
    /// Why nothing came of it.
    pub error: Option<Message>,
    pub crs: Option<String>,
    pub encoding: Option<String>,
    pub previews: Vec<EncodingPreview>,
    pub read: u64,
    pub kept: u64,
    pub refused: u64,
    pub problems: Vec<Problem>,
    pub sublayers: Vec<String>,
    pub mapping: Vec<Suggestion>,
    pub suspicion: Option<Suspicion>,
    pub check: Option<CheckReport>,
    /// Rows that were repaired.
    pub repaired: usize,
}

impl FileReport {
    #[must_use]
    pub fn of(path: PathBuf, imported: &Imported) -> Self {
        let report = &imported.report;
        Self {
            path,
            crs: Some(imported.crs.to_string()),
            encoding: imported.encoding.clone(),
            previews: report.previews.clone(),
            read: report.read,
            kept: report.kept,
            refused: report.refused,
            problems: report.problems.clone(),
            sublayers: report.sublayers.clone(),
            ..Self::default()
        }
    }

    #[must_use]
    pub fn failed(path: PathBuf, error: &ImportError) -> Self {
        Self { path, error: Some(error.to_message()), ..Self::default() }
    }

    /// Whether a technician should look at it.
    #[must_use]
    pub fn has_findings(&self) -> bool {
        self.error.is_some() || !self.problems.is_empty() || self.check.as_ref().is_some_and(|c| !c.counts.is_empty())
    }
}

/// `say` puts messages into the user's language.
#[must_use]
pub fn to_json(files: &[FileReport], say: &dyn Fn(&Message) -> String) -> String {
    let said = |m: &Message| json!({ "key": m.key, "text": say(m) });
    let files: Vec<Json> = files
        .iter()
        .map(|f| {
            let problems: Vec<Json> = f
                .problems
                .iter()
                .map(|p| json!({ "row": p.row, "key": p.message.key, "text": say(&p.message) }))
                .collect();
            json!({
                "path": f.path,
                "layer": f.layer,
                "error": f.error.as_ref().map(said),
                "crs": f.crs,
                "encoding": f.encoding,
                "encodings": f.previews,
                "read": f.read,
                "kept": f.kept,
                "refused": f.refused,
                "problems": problems,
                "sublayers": f.sublayers,
                "mapping": f.mapping,
                "zones": f.suspicion.as_ref().map(|s| zones(s, say)),
                "check": f.check.as_ref().map(|c| check(c, say)),
                "repaired": f.repaired,
            })
        })
        .collect();
    format!("{:#}\n", json!({ "report": "import", "version": 1, "files": files }))
}

/// As it stands in the report.
#[must_use]
pub fn zones(suspicion: &Suspicion, say: &dyn Fn(&Message) -> String) -> Json {
    let guess = |g: &crate::analysis::zone::ZoneGuess| {
        json!({
            "crs": g.crs.to_string(), "name": g.crs.label(), "swapped": g.swapped, "on_land": g.on_land,
            "on_layers": g.on_layers, "bounds": g.bounds, "place": g.place, "reason": say(&g.reason),
        })
    };
    json!({
        "verdict": suspicion.verdict,
        "declared": suspicion.declared.as_ref().map(guess),
        "guesses": suspicion.guesses.iter().map(guess).collect::<Vec<_>>(),
    })
}

fn check(report: &CheckReport, say: &dyn Fn(&Message) -> String) -> Json {
    #[derive(Serialize)]
    struct Said<'a> {
        #[serde(flatten)]
        issue: &'a crate::analysis::check::Issue,
        text: String,
    }
    let issues: Vec<Said<'_>> = report.issues.iter().map(|issue| Said { issue, text: say(&issue.message()) }).collect();
    let counts: serde_json::Map<String, Json> =
        report.counts.iter().map(|(kind, n)| (json!(kind).as_str().unwrap_or_default().to_owned(), json!(n))).collect();
    json!({ "rows": report.rows, "counts": counts, "issues": issues })
}

/// A page that needs nothing else, to print or to send.
#[must_use]
pub fn to_html(files: &[FileReport], language: &str, say: &dyn Fn(&Message) -> String) -> String {
    let word = |key: &str| escape(&say(&Message::new(key)));
    let title = word("report-import-title");
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"{language}\"><head><meta charset=\"utf-8\"><title>{title}</title><style>\
         body{{font:15px/1.5 system-ui,sans-serif;max-width:70em;margin:2em auto;padding:0 1em;color:#222}}\
         table{{border-collapse:collapse;width:100%;margin:.5em 0 1.5em}}\
         th,td{{text-align:left;padding:.25em .6em;border-bottom:1px solid #ddd;vertical-align:top}}\
         td.n{{text-align:right;font-variant-numeric:tabular-nums}}.bad{{color:#a40000}}</style></head><body>\n<h1>{title}</h1>\n"
    );
    for file in files {
        let name = file.path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let _ = writeln!(out, "<h2>{}</h2>\n<p>{}</p>", escape(&name), escape(&file.path.display().to_string()));
        if let Some(error) = &file.error {
            let _ = writeln!(out, "<p class=\"bad\">{}</p>", escape(&say(error)));
        } else {
            let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
            let counts = Message::new("report-import-counts")
                .with("read", count(file.read))
                .with("kept", count(file.kept))
                .with("refused", count(file.refused))
                .with("repaired", file.repaired);
            let _ = writeln!(out, "<p>{}</p>", escape(&say(&counts)));
            let facts =
                [file.crs.as_deref(), file.encoding.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(", ");
            let _ = writeln!(out, "<p>{}</p>", escape(&facts));
        }
        for guess in file.suspicion.iter().flat_map(|s| s.declared.iter().chain(&s.guesses)) {
            let _ = writeln!(out, "<p>{}</p>", escape(&say(&guess.reason)));
        }
        html_problems(file, &word, say, &mut out);
        html_issues(file, &word, say, &mut out);
    }
    out.push_str("</body></html>\n");
    out
}

fn html_problems(file: &FileReport, word: &dyn Fn(&str) -> String, say: &dyn Fn(&Message) -> String, out: &mut String) {
    if file.problems.is_empty() {
        return;
    }
    let _ =
        writeln!(out, "<table><tr><th>{}</th><th>{}</th></tr>", word("report-import-row"), word("report-import-what"));
    for problem in &file.problems {
        let row = problem.row.map(|r| r.to_string()).unwrap_or_default();
        let _ = writeln!(out, "<tr><td class=\"n\">{row}</td><td>{}</td></tr>", escape(&say(&problem.message)));
    }
    out.push_str("</table>\n");
}

fn html_issues(file: &FileReport, word: &dyn Fn(&str) -> String, say: &dyn Fn(&Message) -> String, out: &mut String) {
    let Some(check) = file.check.as_ref().filter(|c| !c.issues.is_empty()) else { return };
    let heads = ["report-import-row", "report-import-what", "report-import-place", "report-import-repair"];
    let heads = heads.map(word).join("</th><th>");
    let _ = writeln!(out, "<table><tr><th>{heads}</th></tr>");
    for issue in &check.issues {
        let place = issue.at.map(|[x, y]| format!("{x:.2} {y:.2}")).unwrap_or_default();
        let repair = if issue.repair.is_some() { word("report-import-yes") } else { String::new() };
        let text = escape(&say(&issue.message()));
        let _ = writeln!(
            out,
            "<tr><td class=\"n\">{}</td><td>{text}</td><td>{place}</td><td>{repair}</td></tr>",
            issue.row
        );
    }
    out.push_str("</table>\n");
    let listed = check.issues.len() as u64;
    let all: u64 = check.counts.iter().map(|(_, n)| n).sum();
    if all > listed {
        let more = Message::new("report-import-more").with("count", i64::try_from(all - listed).unwrap_or(i64::MAX));
        let _ = writeln!(out, "<p>{}</p>", escape(&say(&more)));
    }
}

/// Nothing that stood in a file becomes markup.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::check::{CheckOptions, check};
    use crate::base::cancel::CancelToken;
    use crate::model::table::{FeatureTable, FieldKind, Value};

    fn reports() -> Vec<FileReport> {
        let mut table = FeatureTable::with_fields(&[("MALOAIDAT", FieldKind::Text)]);
        table.geometry.push_polygon(&[&[[0.0, 0.0], [4.0, 4.0], [4.0, 0.0], [0.0, 4.0], [0.0, 0.0]]]);
        table.push_row(&[Value::Text("<script>")]);
        let found = check(&table, &CheckOptions::default(), &CancelToken::new()).unwrap();
        let problem = Problem { row: Some(7), message: Message::new("io-problem-coordinates") };
        vec![FileReport {
            path: "a&b.shp".into(),
            problems: vec![problem],
            check: Some(found),
            ..FileReport::default()
        }]
    }

    #[test]
    fn json_tells_rows_places_and_counts() {
        let json: Json = serde_json::from_str(&to_json(&reports(), &|m| m.key.clone())).unwrap();
        let file = &json["files"][0];
        assert_eq!(file["problems"][0]["row"], 7);
        assert_eq!(file["check"]["counts"]["self-intersection"], 1);
        let issue = &file["check"]["issues"][0];
        assert_eq!(
            (&issue["kind"], &issue["row"], &issue["at"]),
            (&json!("self-intersection"), &json!(1), &json!([2.0, 2.0]))
        );
        assert!(file["check"]["issues"].as_array().unwrap().iter().any(|i| i["kind"] == "unknown-code"));
    }

    #[test]
    fn a_files_words_are_no_markup() {
        let say = |m: &Message| m.args.iter().map(|(_, a)| format!("{a:?}")).collect::<String>() + &m.key;
        let html = to_html(&reports(), "vi", &say);
        assert!(html.contains("a&amp;b.shp") && !html.contains("<script>") && html.contains("&lt;script&gt;"));
    }
}
