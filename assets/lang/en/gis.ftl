# A GIS technician's work: import, checks, table, styles, questions about places, export.

gis-error-no-table = Layer “{ $layer }” has no attribute table.
gis-error-no-name = A new field needs a name.
gis-error-nothing-chosen = Nothing of this layer is chosen. Click on the map, or mark rows in the table.
gis-undo-repair = repair { $count } faults of layer “{ $layer }”
gis-undo-style = change the style of layer “{ $layer }”
gis-undo-column = compute field “{ $field }” of layer “{ $layer }”
gis-undo-ask = add a result of analysis
gis-style-no-values = This field has no values to classify.
gis-exporting = Exporting
gis-exported = { $count } features exported.
gis-report-saved = The report was saved.
gis-answer-saved = The answer was saved.
gis-asking = Working it out

gis-import-title = Import
gis-import-hint = Look at each file before it is imported. The files themselves are not changed.
gis-import-close = Put away without importing
gis-import-want = Import file { $file }
gis-import-tab-place = Place
gis-import-tab-letters = Text
gis-import-tab-fields = Fields
gis-import-tab-notes = Notes
gis-import-reading = Reading the file…
gis-import-status-failed = Cannot be read
gis-import-status-no-system = The coordinate system has to be chosen
gis-import-status-doubtful = Doubtful place
gis-import-status-ready = Ready
gis-import-no-system = system not known
gis-import-waiting = { $count ->
    [one] One file does not say its coordinate system: choose it under Place.
   *[other] { $count } files do not say their coordinate system: choose it under Place.
}
gis-import-doubtful = { $count ->
    [one] One file may be in another system than it says: see Place.
   *[other] { $count } files may be in another system than they say: see Place.
}
gis-import-accept = { $count ->
    [one] Import one layer
   *[other] Import { $count } layers
}
gis-import-checking = Checking the data
gis-import-template-saved = The field template was saved.
gis-import-counts = { $read } features read, { $kept } kept, { $refused } refused.
gis-import-sublayers = The file has { $count } layers:
gis-import-add-sublayers = Import the other layers too
gis-import-no-problems = Nothing to note from reading.

gis-place-told = Coordinate system in the file
gis-place-chosen = Coordinate system chosen
gis-place-none = The file does not say.
gis-place-fits = The points fall where they belong.
gis-place-missing = The file does not say its system. Every Vietnamese zone was tried; the best are below and on the map.
gis-place-disagrees = Read as the file says, the data fall outside. Another system fits better: compare them on the map.
gis-place-elsewhere = No known system puts the data on the island. Check the file.
gis-place-swapped = X and Y exchanged
gis-place-show = Show on the map
gis-place-use = Use this one
gis-place-in-use = In use
gis-place-other = Another system
gis-place-choose = Choose a system…
gis-place-typed-hint = EPSG:9207, or a PROJ string
gis-place-swap = Exchange X and Y
gis-place-swap-hint = Surveyors write X for north.

gis-letters-none = The file has no letters beyond ASCII, or its format is always Unicode.
gis-letters-all = Encoding of all fields
gis-letters-detect = Find it out
gis-letters-found = found
gis-letters-score = { $percent } % of the accented words read as Vietnamese.
gis-letters-case = Capitals
gis-letters-case-as-read = As read
gis-letters-case-title = First Letters
gis-letters-case-upper = ALL CAPITALS
gis-letters-tcvn3 = TCVN3 has no codes of its own for most accented capitals; they can be put right here.

gis-fields-none = A raster has no fields.
gis-fields-map = Rename the fields to the program's own
gis-fields-load = Load a template…
gis-fields-save = Save as a template…
gis-fields-keep = Keep its name
gis-fields-by-name = by its name
gis-fields-by-content = by its content
gis-filter-template = Field templates
gis-personal = personal
gis-personal-hint = Personal data (Decree 13/2023/ND-CP): hidden in tables and left out of exports unless asked for.
gis-personal-show = Show personal data
gis-personal-hide = Hide personal data
gis-personal-hidden = { $count ->
    [one] One field about people is hidden.
   *[other] { $count } fields about people are hidden.
}

gis-report-title = Check report
gis-report-close = Close the report
gis-report-save = Save the report
gis-report-html = A page to read and print (HTML)
gis-report-json = Data for other programs (JSON)
gis-report-no-check = A raster has no features to check.
gis-report-problems = { $count ->
    [one] One note from reading the file
   *[other] { $count } notes from reading the file
}
gis-report-stale = The layer has changed since this check.
gis-report-again = Check again
gis-report-clean = No fault was found.
gis-report-all = All
gis-report-repair-all = { $count ->
    [one] Make one safe repair
   *[other] Make { $count } safe repairs
}
gis-report-repair-hint = No boundary changes. It can be undone, and the file stays as it is.
gis-report-repair = Repair this one
gis-report-go = Go to the place
gis-report-row = Row { $row }
gis-issue-not-a-number = Bad coordinate
gis-issue-empty-geometry = No geometry
gis-issue-ring-not-closed = Open ring
gis-issue-ring-without-area = Ring without area
gis-issue-self-intersection = Self-intersection
gis-issue-duplicate-vertex = Duplicate vertex
gis-issue-hole-outside = Hole outside
gis-issue-nested-hole = Nested hole
gis-issue-self-touch = Outline touches itself
gis-issue-interior-split = Holes cut the area in two
gis-issue-nested-part = Part inside another
gis-issue-overlap = Overlap
gis-issue-gap = Gap
gis-issue-duplicate-parcel = Number twice
gis-issue-missing-value = Missing value
gis-issue-out-of-range = Out of range
gis-issue-unknown-code = Unknown code
gis-issue-area-differs = Area differs

gis-table = Attribute table
gis-table-counts = { $shown } of { $all } rows
gis-table-close = Close the table
gis-table-empty = No rows.
gis-table-mark-shown = Mark the rows shown on the map
gis-table-unmark = Take the marks away
gis-table-marked-only = only the { $count } marked
gis-table-filter-hint = Filter, for example: SOTO = 12 AND DIENTICH > 500
gis-table-filter-clear = Clear the filter
gis-table-filter-help = =  <>  <  >  AND  OR  NOT  IN ('ODT', 'ONT')  BETWEEN 1 AND 9  LIKE 'T%'  ILIKE '%duong dong%' (without accents)  IS NULL  area()  length()  $row
gis-table-head-hint = Click: sort. Right click: statistics.
gis-table-add-column = Add a computed field
gis-column-name = Name of the field
gis-column-expression = Expression, for example: round(area(), 1)
gis-column-example = The first three rows: { $values }
gis-column-replaces = There is such a field; it will be computed anew.
gis-column-add = Add
gis-statistics = Statistics
gis-statistics-of = Statistics of { $field }
gis-statistics-close = Close the statistics
gis-statistics-rows = Rows
gis-statistics-missing = Empty
gis-statistics-distinct = Different values
gis-statistics-sum = Sum
gis-statistics-mean = Mean
gis-statistics-deviation = Standard deviation
gis-statistics-min = Smallest
gis-statistics-lower = First quartile
gis-statistics-median = Median
gis-statistics-upper = Third quartile
gis-statistics-max = Largest
gis-statistics-common = Commonest values

gis-style = Style
gis-style-close = Close the style
gis-style-load = Load a QGIS style (.qml)…
gis-filter-qml = QGIS styles
gis-style-colors = Colours
gis-style-symbol = Symbol
gis-style-labels = Labels
gis-style-single = Single
gis-style-categories = By value
gis-style-graduated = By number
gis-style-land-use = Land use
gis-style-land-use-hint = The official land-use palette. Its legend stands in the layer list.
gis-style-no-code = The layer has no field with land-use codes.
gis-style-field = Field
gis-style-quantile = Equal counts
gis-style-equal = Equal ranges
gis-style-natural = Natural breaks
gis-style-classes = classes
gis-style-ramp = Colour ramp
gis-style-ramp-hint = Both ramps stay in order for colour-blind eyes.
gis-style-color = Colour
gis-style-outline = Outline
gis-style-outline-color = Colour of the outline
gis-style-width = Width
gis-style-height = Height
gis-labels-none = No labels
gis-labels-size = Size
gis-labels-from = Shown from
gis-labels-to = to

gis-ask-title = Questions about places
gis-ask-menu = Questions about places…
gis-menu-data = Data
gis-ask-close = Close
gis-ask-within = Within a distance
gis-ask-intersects = Intersecting
gis-ask-shares = Parcels by zones of the plan
gis-ask-nearest = Nearest hydrant
gis-ask-trace = Trace pipes up or down
gis-ask-unseen = What cameras cannot see
gis-ask-within-hint = Which features lie within a distance of the other layer?
gis-ask-intersects-hint = Which features touch or cross the other layer?
gis-ask-shares-hint = How many m² and per cent of each parcel lie in which zone?
gis-ask-nearest-hint = Which feature of the other layer is nearest, and how far is it?
gis-ask-trace-hint = Click on a pipe, then follow its flow.
gis-ask-unseen-hint = Land that the terrain hides from the cameras; the bend of the earth is counted.
gis-ask-layer = Layer asked about
gis-ask-other = The other layer
gis-ask-stops = Stop at valves
gis-ask-no-layer = None
gis-ask-distance = Distance
gis-ask-upstream = Upstream
gis-ask-downstream = Downstream
gis-ask-both = Both ways
gis-ask-height = Camera above the ground
gis-ask-target = Height of what is looked for (smoke)
gis-ask-reach = Range of sight
gis-ask-chosen-only = Only what is chosen
gis-ask-chosen-marked = { $count ->
    [one] One marked feature.
   *[other] { $count } marked features.
}
gis-ask-chosen-one = Chosen: { $feature }
gis-ask-chosen-under-click = Chosen: the feature under the last click.
gis-ask-chosen-none = Nothing is chosen: click on the map or mark rows in the table.
gis-ask-choose-layer = Choose the layer to ask about.
gis-ask-choose-pipe = Click on a pipe on the map.
gis-ask-no-terrain = The project has no terrain, so there is nothing to look over.
gis-ask-no-cameras = This layer has no place of a camera.
gis-ask-run = Ask
gis-ask-forget = Forget
gis-answer-features = { $count } of { $asked } features.
gis-answer-trace = { $count ->
    [one] One pipe, { $length }.
   *[other] { $count } pipes, { $length }.
}
gis-answer-stopped = { $count ->
    [one] Stopped at one valve.
   *[other] Stopped at { $count } valves.
}
gis-answer-shares = { $area }, { $percent } of it in zones:
gis-answer-nearest = { $count ->
    [one] One feature:
   *[other] { $count } features, the farthest first:
}
gis-answer-unseen = { $count ->
    [one] One camera: { $percent } of the land is hidden ({ $area }).
   *[other] { $count } cameras: { $percent } of the land is hidden ({ $area }).
}
gis-answer-unseen-note = Reckoned on the terrain alone, without trees and houses. It was added as a layer, which can be undone.
gis-answer-table = Show in the table
gis-answer-save = Save the answer (CSV)…

gis-export = Export the layer…
gis-export-title = Export
gis-export-format = Format
gis-export-crs = Coordinate system
gis-export-crs-fixed = set by the format
gis-export-encoding = Text encoding
gis-export-marked = { $count ->
    [one] Only the marked feature
   *[other] Only the { $count } marked features
}
gis-export-personal = With personal data ({ $fields })
gis-export-personal-left-out = Names and addresses are left out.
gis-export-personal-warning = Only with a legal basis; the file has to be protected.
gis-export-choose = Choose the file…

gis-job-read = Reading { $file }
gis-job-check = Checking { $file }
gis-job-export = Exporting { $file }
gis-layer-check = Check the data
gis-layer-drag = Drag to move layer { $layer }
gis-scale = Size of the interface
gis-scale-wall = { $percent } %
gis-unsaved-quit = The project has changes that are not saved. Save them before the program ends?
gis-unsaved-discard = Discard and end
gis-import-folder = Import a folder…
gis-exported-view = 3D model written: { $triangles } triangles, { $features } blocks, an area { $metres } m across.
gis-export-view = Export the view as a 3D model…
gis-export-view-title = 3D model of the view (glTF)
gis-export-view-name = view.glb
gis-server-menu = Import from a server…
gis-server-title = Import from a server
gis-server-kind = Kind
gis-server-host = Host
gis-server-port = Port
gis-server-database = Database
gis-server-user = User
gis-server-password = Password
gis-server-table = Table (empty: the first)
gis-server-address = Address
gis-server-layer = Layer (empty: the first)
gis-server-promise = The program contacts this server only, and only when you press the button. The password is not kept.
gis-server-missing-database = A host, a port (a number) and the name of a database are needed.
gis-server-missing-address = The address has to begin with http:// or https://.
gis-server-read = Connect and read
