//! A server that somebody names: a database or a service, read once and only then.

use egui::{Align2, ComboBox, Context, Grid, Id, Label, RichText, TextEdit, Ui, Window, vec2};
use egui_phosphor::regular as icon;

use super::super::context::Cx;
use super::super::widgets::primary_button;
use crate::io::import::{RemoteKind, RemoteSource, SourceSpec};
use crate::session::command::Command;
use crate::session::import::desk::ImportCommand;

#[derive(Default)]
pub(super) struct ServerDialog {
    asked: Option<Asked>,
}

struct Asked {
    kind: RemoteKind,
    /// Of a service.
    address: String,
    /// Of a database.
    host: String,
    port: String,
    database: String,
    user: String,
    password: String,
    /// Empty: the first.
    layer: String,
}

const KINDS: [(RemoteKind, &str); 3] =
    [(RemoteKind::PostGis, "PostGIS"), (RemoteKind::Wfs, "WFS"), (RemoteKind::OgcApiFeatures, "OGC API Features")];

impl ServerDialog {
    pub(super) fn open(&mut self) {
        self.asked = Some(Asked {
            kind: RemoteKind::PostGis,
            address: "https://".to_owned(),
            host: String::new(),
            port: "5432".to_owned(),
            database: String::new(),
            user: String::new(),
            password: String::new(),
            layer: String::new(),
        });
    }

    pub(super) fn show(&mut self, ctx: &Context, cx: &mut Cx<'_>) {
        let Some(asked) = &mut self.asked else { return };
        let (mut open, mut done) = (true, false);
        Window::new(cx.tr("gis-server-title"))
            .id(Id::new("server"))
            .open(&mut open)
            .collapsible(false)
            .resizable(false)
            .default_width(440.0)
            .anchor(Align2::CENTER_CENTER, vec2(0.0, 0.0))
            .show(ctx, |ui| {
                ui.set_width(440.0);
                form(ui, cx, asked);
                ui.add_space(6.0);
                ui.add(Label::new(cx.weak(cx.tr("gis-server-promise"))).wrap());
                ui.add_space(8.0);
                let source = asked.source();
                if source.is_none() && asked.is_begun() {
                    let text = RichText::new(cx.tr(asked.missing())).color(cx.palette.bad);
                    ui.add(Label::new(text).wrap());
                }
                ui.horizontal(|ui| {
                    let palette = cx.palette;
                    let text = format!("{}  {}", icon::DOWNLOAD_SIMPLE, cx.tr("gis-server-read"));
                    let read = ui.add_enabled_ui(source.is_some(), |ui| primary_button(ui, &palette, text)).inner;
                    if let (true, Some(source)) = (read.clicked(), source) {
                        cx.push(Command::Importing(ImportCommand::AddSource(Box::new(source))));
                        done = true;
                    }
                    if ui.button(cx.tr("ui-cancel")).clicked() {
                        done = true;
                    }
                });
            });
        // The password goes with the form.
        if done || !open {
            self.asked = None;
        }
    }
}

fn form(ui: &mut Ui, cx: &Cx<'_>, asked: &mut Asked) {
    Grid::new("server-form").num_columns(2).spacing([10.0, 6.0]).show(ui, |ui| {
        ui.label(cx.weak(cx.tr("gis-server-kind")));
        let name = KINDS.iter().find(|(kind, _)| *kind == asked.kind).map_or("", |(_, name)| name);
        ComboBox::from_id_salt("server-kind").width(280.0).selected_text(name).show_ui(ui, |ui| {
            for (kind, name) in KINDS {
                ui.selectable_value(&mut asked.kind, kind, name);
            }
        });
        ui.end_row();
        let mut line = |key: &str, value: &mut String, hidden: bool| {
            let label = ui.label(cx.weak(cx.tr(key)));
            ui.add(TextEdit::singleline(value).password(hidden).desired_width(280.0)).labelled_by(label.id);
            ui.end_row();
        };
        if asked.kind == RemoteKind::PostGis {
            line("gis-server-host", &mut asked.host, false);
            line("gis-server-port", &mut asked.port, false);
            line("gis-server-database", &mut asked.database, false);
            line("gis-server-user", &mut asked.user, false);
            line("gis-server-password", &mut asked.password, true);
            line("gis-server-table", &mut asked.layer, false);
        } else {
            line("gis-server-address", &mut asked.address, false);
            line("gis-server-layer", &mut asked.layer, false);
        }
    });
}

impl Asked {
    fn is_begun(&self) -> bool {
        match self.kind {
            RemoteKind::PostGis => !self.host.is_empty() || !self.database.is_empty(),
            _ => self.address.trim().len() > "https://".len(),
        }
    }

    fn missing(&self) -> &'static str {
        match self.kind {
            RemoteKind::PostGis => "gis-server-missing-database",
            _ => "gis-server-missing-address",
        }
    }

    fn source(&self) -> Option<SourceSpec> {
        let address = self.address.trim();
        let text = match self.kind {
            RemoteKind::PostGis => self.database_address()?,
            RemoteKind::Wfs => format!("WFS:{address}"),
            RemoteKind::OgcApiFeatures => format!("OAPIF:{address}"),
        };
        // A service's address is more than its scheme.
        let named = self.kind == RemoteKind::PostGis || self.is_begun();
        let remote = RemoteSource::parse(&text).filter(|_| named)?;
        let layer = self.layer.trim();
        Some(SourceSpec {
            remote: Some(remote.clone()),
            sublayer: (!layer.is_empty()).then(|| layer.to_owned()),
            ..SourceSpec::new(remote.shown())
        })
    }

    /// Keys and values as PostgreSQL's library reads them ("libpq", connection strings).
    fn database_address(&self) -> Option<String> {
        let port: u16 = self.port.trim().parse().ok()?;
        if self.host.trim().is_empty() || self.database.trim().is_empty() {
            return None;
        }
        let quoted = |value: &str| format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'"));
        let mut text =
            format!("PG:host={} port={port} dbname={}", quoted(self.host.trim()), quoted(self.database.trim()));
        for (key, value) in [("user", self.user.trim()), ("password", self.password.as_str())] {
            if !value.is_empty() {
                text.push_str(&[" ", key, "=", &quoted(value)].concat());
            }
        }
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_becomes_a_source_whose_name_hides_the_password() {
        let mut dialog = ServerDialog::default();
        dialog.open();
        let asked = dialog.asked.as_mut().unwrap();
        assert!(asked.source().is_none());
        asked.host = "gis.example.vn".to_owned();
        asked.database = "dia chinh".to_owned();
        asked.user = "an".to_owned();
        asked.password = "a'b c".to_owned();
        asked.layer = "public.thua".to_owned();
        let source = asked.source().unwrap();
        let shown = source.path.display().to_string();
        assert_eq!(shown, "PG:host='gis.example.vn' port=5432 dbname='dia chinh' user='an' password=***");
        assert_eq!(source.sublayer.as_deref(), Some("public.thua"));
        assert!(!format!("{source:?}").contains("b c"));
        asked.kind = RemoteKind::Wfs;
        assert!(asked.source().is_none());
        asked.address = "file:///etc/passwd".to_owned();
        assert!(asked.source().is_none());
        asked.address = "https://gis.example.vn/wfs".to_owned();
        assert_eq!(asked.source().unwrap().path.display().to_string(), "WFS:https://gis.example.vn/wfs");
    }
}
