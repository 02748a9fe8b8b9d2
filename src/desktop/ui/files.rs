//! File dialogs, files dropped on the window, and the question about unsaved work.

use std::path::{Path, PathBuf};

use egui::{Align2, Context, Id, Modal, vec2};
use egui_file_dialog::{FileDialog, FileDialogLabels};
use egui_phosphor::regular as icon;

use super::context::Cx;
use super::widgets::primary_button;
use crate::base::message::Message;
use crate::session::command::Command;
use crate::session::view_state::Quit;
use crate::text::Language;

/// What becomes of the files that are picked.
enum Purpose {
    Open,
    Import,
    Save,
    Then(Box<dyn FnOnce(PathBuf) -> Command + Send + Sync>),
}

/// One file that a panel asks for, and the command that is made of it.
pub(super) struct Pick {
    title: &'static str,
    /// What the list of files says of the filter: a catalogue key, or for saving a format's own name.
    filter: String,
    endings: Vec<&'static str>,
    /// The name that is offered, when a file is to be written.
    name: Option<String>,
    then: Box<dyn FnOnce(PathBuf) -> Command + Send + Sync>,
}

impl Pick {
    pub(super) fn open(
        title: &'static str,
        filter: &str,
        endings: &[&'static str],
        then: impl FnOnce(PathBuf) -> Command + Send + Sync + 'static,
    ) -> Self {
        let endings = endings.to_vec();
        Self { title, filter: filter.to_owned(), endings, name: None, then: Box::new(then) }
    }

    pub(super) fn save(
        title: &'static str,
        name: &str,
        format: &str,
        ending: &'static str,
        then: impl FnOnce(PathBuf) -> Command + Send + Sync + 'static,
    ) -> Self {
        let endings = vec![ending];
        Self { title, filter: format.to_owned(), endings, name: Some(name.to_owned()), then: Box::new(then) }
    }
}

#[derive(Default)]
pub(super) struct FileDialogs {
    /// Made when first needed: it looks at the disk.
    dialog: Option<(Purpose, Language, FileDialog)>,
    /// Waits for an answer about unsaved edits.
    asked: Option<PathBuf>,
}

/// What import offers to pick.
const IMPORT_EXTENSIONS: [&str; 21] = [
    "shp", "gpkg", "geojson", "geojsonl", "json", "tif", "tiff", "asc", "hgt", "kml", "kmz", "gml", "dxf", "dgn",
    "tab", "mif", "fgb", "csv", "tsv", "xlsx", "zip",
];

impl FileDialogs {
    /// The scene that ships with the program: beside the working folder, the program, or its source.
    pub(super) fn demo_scene() -> PathBuf {
        let relative = Path::new("scenes/phu-quoc.scene.ron");
        let beside_program = std::env::current_exe().ok().and_then(|exe| exe.parent().map(|p| p.join(relative)));
        let in_source = Path::new(env!("CARGO_MANIFEST_DIR")).join(relative);
        [Some(relative.to_owned()), beside_program, Some(in_source)]
            .into_iter()
            .flatten()
            .find(|p| p.exists())
            .unwrap_or_else(|| relative.to_owned())
    }

    pub(super) fn open(&mut self, cx: &Cx<'_>) {
        let mut dialog = new_dialog(cx, "ui-dialog-open")
            .add_file_filter_extensions(&cx.tr("ui-filter-projects"), vec!["ron", "gpkg"])
            .default_file_filter(&cx.tr("ui-filter-projects"));
        dialog.pick_file();
        self.dialog = Some((Purpose::Open, cx.catalog.language(), dialog));
    }

    pub(super) fn import(&mut self, cx: &Cx<'_>) {
        let mut dialog = new_dialog(cx, "ui-dialog-import")
            .add_file_filter_extensions(&cx.tr("ui-filter-layers"), IMPORT_EXTENSIONS.to_vec())
            .default_file_filter(&cx.tr("ui-filter-layers"));
        dialog.pick_multiple();
        self.dialog = Some((Purpose::Import, cx.catalog.language(), dialog));
    }

    /// All files of a folder that can be read.
    pub(super) fn import_folder(&mut self, cx: &Cx<'_>) {
        let mut dialog = new_dialog(cx, "gis-import-folder");
        dialog.pick_directory();
        let then = |folder| Command::Import(vec![folder]);
        self.dialog = Some((Purpose::Then(Box::new(then)), cx.catalog.language(), dialog));
    }

    pub(super) fn pick(&mut self, cx: &Cx<'_>, pick: Pick) {
        let mut dialog = new_dialog(cx, pick.title);
        match pick.name {
            None => {
                let filter = cx.tr(&pick.filter);
                dialog = dialog.add_file_filter_extensions(&filter, pick.endings).default_file_filter(&filter);
                dialog.pick_file();
            }
            Some(name) => {
                for ending in &pick.endings {
                    dialog = dialog.add_save_extension(&pick.filter, ending);
                }
                dialog = dialog.default_save_extension(&pick.filter).default_file_name(&name);
                dialog.save_file();
            }
        }
        self.dialog = Some((Purpose::Then(pick.then), cx.catalog.language(), dialog));
    }

    /// A folder to write into.
    pub(super) fn pick_folder(
        &mut self,
        cx: &Cx<'_>,
        title: &str,
        then: impl FnOnce(PathBuf) -> Command + Send + Sync + 'static,
    ) {
        let mut dialog = new_dialog(cx, title);
        dialog.pick_directory();
        self.dialog = Some((Purpose::Then(Box::new(then)), cx.catalog.language(), dialog));
    }

    /// Into the project's own file, or as the dialog says when it has none yet.
    pub(super) fn save(&mut self, cx: &mut Cx<'_>) {
        let own = cx.session.path().filter(|p| p.extension().is_some_and(|e| e.eq_ignore_ascii_case("gpkg")));
        match own.map(Path::to_owned) {
            Some(path) => cx.push(Command::SaveAs(path)),
            None => self.save_as(cx),
        }
    }

    pub(super) fn save_as(&mut self, cx: &Cx<'_>) {
        if cx.session.project().is_none() {
            return;
        }
        let name = cx.session.path().and_then(Path::file_stem).map_or_else(
            || "project.gpkg".to_owned(),
            |stem| format!("{}.gpkg", stem.to_string_lossy().trim_end_matches(".scene")),
        );
        let mut dialog = new_dialog(cx, "ui-dialog-save")
            .add_save_extension("GeoPackage", "gpkg")
            .default_save_extension("GeoPackage")
            .default_file_name(&name);
        dialog.save_file();
        self.dialog = Some((Purpose::Save, cx.catalog.language(), dialog));
    }

    /// Opens a file; asks first when there are edits that would be lost.
    pub(super) fn request_open(&mut self, cx: &mut Cx<'_>, path: PathBuf) {
        if cx.session.is_modified() {
            self.asked = Some(path);
        } else {
            cx.push(Command::Open(path));
        }
    }

    /// Whether a dialog has the keyboard to itself.
    pub(super) fn is_open(&self) -> bool {
        self.dialog.is_some() || self.asked.is_some()
    }

    pub(super) fn show(&mut self, ctx: &Context, cx: &mut Cx<'_>) {
        self.show_dialog(ctx, cx);
        self.show_question(ctx, cx);
        self.take_dropped(ctx, cx);
    }

    fn show_dialog(&mut self, ctx: &Context, cx: &mut Cx<'_>) {
        let Some((purpose, language, dialog)) = &mut self.dialog else { return };
        if *language != cx.catalog.language() {
            *dialog.labels_mut() = labels(cx);
            *language = cx.catalog.language();
        }
        dialog.update(ctx);
        let picked = match purpose {
            Purpose::Import => dialog.take_picked_multiple(),
            Purpose::Open | Purpose::Save | Purpose::Then(_) => dialog.take_picked().map(|path| vec![path]),
        };
        let still_open = matches!(dialog.state(), egui_file_dialog::DialogState::Open);
        if picked.is_none() && still_open {
            return;
        }
        let Some((purpose, ..)) = self.dialog.take() else { return };
        let Some(paths) = picked else { return };
        match purpose {
            Purpose::Import => cx.push(Command::Import(paths)),
            Purpose::Open => paths.into_iter().for_each(|path| self.request_open(cx, path)),
            Purpose::Save => paths.into_iter().for_each(|path| cx.push(Command::SaveAs(path))),
            Purpose::Then(then) => {
                if let Some(path) = paths.into_iter().next() {
                    cx.push(then(path));
                }
            }
        }
    }

    fn show_question(&mut self, ctx: &Context, cx: &mut Cx<'_>) {
        let quitting = cx.session.view.quit == Quit::Asking;
        let Some(path) = self.asked.clone().or_else(|| quitting.then(PathBuf::new)) else { return };
        let modal = Modal::new(Id::new("unsaved")).show(ctx, |ui| {
            ui.set_width(380.0);
            ui.label(cx.heading(cx.tr("ui-unsaved-title")));
            let file = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
            let text = if quitting {
                cx.tr("gis-unsaved-quit")
            } else {
                cx.say(&Message::new("ui-unsaved-question").with("file", file))
            };
            ui.add(egui::Label::new(text).wrap());
            ui.add_space(8.0);
            ui.horizontal(|ui| {
                let save = primary_button(ui, &cx.palette, cx.tr("ui-unsaved-save")).clicked();
                let discard =
                    ui.button(cx.tr(if quitting { "gis-unsaved-discard" } else { "ui-unsaved-discard" })).clicked();
                let stay = ui.button(cx.tr("ui-cancel")).clicked();
                if save || discard || stay {
                    self.asked = None;
                }
                if save {
                    self.save(cx);
                }
                match (quitting, discard) {
                    (true, true) => cx.push(Command::Quit { sure: true }),
                    (true, false) if save || stay => cx.push(Command::StayOpen),
                    (false, true) => cx.push(Command::Open(path.clone())),
                    _ => {}
                }
            });
        });
        if modal.should_close() {
            self.asked = None;
            if quitting {
                cx.push(Command::StayOpen);
            }
        }
    }

    /// Scenes and projects are opened, everything else is imported.
    fn take_dropped(&mut self, ctx: &Context, cx: &mut Cx<'_>) {
        let (hovering, dropped): (bool, Vec<PathBuf>) = ctx.input(|i| {
            let paths = i.raw.dropped_files.iter().map(|f| f.path().to_owned()).collect();
            (!i.raw.hovered_files.is_empty(), paths)
        });
        if hovering {
            drop_hint(ctx, cx);
        }
        let (scenes, layers): (Vec<PathBuf>, Vec<PathBuf>) =
            dropped.into_iter().partition(|p| p.extension().is_some_and(|e| e.eq_ignore_ascii_case("ron")));
        let mut layers = layers;
        if cx.session.project().is_none() {
            // Without a project there is nothing to import into: a GeoPackage may be a project itself.
            scenes.iter().chain(&layers).take(1).for_each(|path| cx.commands.push(Command::Open(path.clone())));
            return;
        }
        if let Some(scene) = scenes.into_iter().next() {
            self.request_open(cx, scene);
        }
        if !layers.is_empty() {
            layers.sort();
            cx.push(Command::Import(layers));
        }
    }
}

fn drop_hint(ctx: &Context, cx: &Cx<'_>) {
    let rect = ctx.content_rect();
    let layer = egui::LayerId::new(egui::Order::Foreground, Id::new("drop-hint"));
    let painter = ctx.layer_painter(layer);
    painter.rect_filled(rect, 0, cx.palette.panel.gamma_multiply(0.85));
    let frame = rect.shrink(24.0);
    painter.rect_stroke(frame, 12, egui::Stroke::new(3.0, cx.palette.accent), egui::StrokeKind::Inside);
    let font = super::theme::semibold(24.0);
    let text = format!("{}  {}", icon::DOWNLOAD_SIMPLE, cx.tr("ui-drop-hint"));
    painter.text(frame.center(), Align2::CENTER_CENTER, text, font, cx.palette.text);
}

fn new_dialog(cx: &Cx<'_>, title: &str) -> FileDialog {
    let start = cx.session.path().and_then(Path::parent).map(Path::to_owned).unwrap_or_default();
    let dialog = FileDialog::new()
        .labels(labels(cx))
        // The crate paints these two fields black in any theme.
        .show_search(false)
        .show_path_edit_button(false)
        .title(&cx.tr(title))
        .default_size(vec2(760.0, 480.0))
        .anchor(Align2::CENTER_CENTER, vec2(0.0, 0.0))
        .err_icon(icon::WARNING_CIRCLE)
        .default_file_icon(icon::FILES)
        .default_folder_icon(icon::FOLDER_OPEN)
        .device_icon(icon::HARD_DRIVE)
        .removable_device_icon(icon::USB)
        .parent_directory_icon(icon::ARROW_UP)
        .back_icon(icon::ARROW_LEFT)
        .forward_icon(icon::ARROW_RIGHT)
        .new_folder_icon(icon::FOLDER_PLUS)
        .menu_icon(icon::LIST)
        .search_icon(icon::MAGNIFYING_GLASS)
        .path_edit_icon(icon::PENCIL_SIMPLE);
    if start.is_dir() { dialog.initial_directory(start) } else { dialog }
}

fn labels(cx: &Cx<'_>) -> FileDialogLabels {
    let tr = |key: &str| cx.tr(key);
    FileDialogLabels {
        cancel: tr("ui-dialog-label-cancel"),
        overwrite: tr("ui-dialog-label-overwrite"),
        reload: tr("ui-dialog-label-reload"),
        working_directory: tr("ui-dialog-label-working-directory"),
        select_all: tr("ui-dialog-label-select-all"),
        show_hidden: tr("ui-dialog-label-show-hidden"),
        show_system_files: tr("ui-dialog-label-show-system-files"),
        heading_pinned: tr("ui-dialog-label-heading-pinned"),
        heading_places: tr("ui-dialog-label-heading-places"),
        heading_devices: tr("ui-dialog-label-heading-devices"),
        heading_removable_devices: tr("ui-dialog-label-heading-removable-devices"),
        home_dir: tr("ui-dialog-label-home-dir"),
        desktop_dir: tr("ui-dialog-label-desktop-dir"),
        documents_dir: tr("ui-dialog-label-documents-dir"),
        downloads_dir: tr("ui-dialog-label-downloads-dir"),
        audio_dir: tr("ui-dialog-label-audio-dir"),
        pictures_dir: tr("ui-dialog-label-pictures-dir"),
        videos_dir: tr("ui-dialog-label-videos-dir"),
        pin_folder: tr("ui-dialog-label-pin-folder"),
        unpin_folder: tr("ui-dialog-label-unpin-folder"),
        rename_pinned_folder: tr("ui-dialog-label-rename-pinned-folder"),
        selected_directory: tr("ui-dialog-label-selected-directory"),
        selected_file: tr("ui-dialog-label-selected-file"),
        selected_items: tr("ui-dialog-label-selected-items"),
        file_name: tr("ui-dialog-label-file-name"),
        file_filter_all_files: tr("ui-dialog-label-file-filter-all-files"),
        save_extension_any: tr("ui-dialog-label-save-extension-any"),
        open_button: tr("ui-dialog-label-open-button"),
        save_button: tr("ui-dialog-label-save-button"),
        cancel_button: tr("ui-dialog-label-cancel-button"),
        overwrite_file_modal_text: tr("ui-dialog-label-overwrite-file-modal-text"),
        err_empty_folder_name: tr("ui-dialog-label-err-empty-folder-name"),
        err_empty_file_name: tr("ui-dialog-label-err-empty-file-name"),
        err_directory_exists: tr("ui-dialog-label-err-directory-exists"),
        err_file_exists: tr("ui-dialog-label-err-file-exists"),
        ..FileDialogLabels::default()
    }
}
