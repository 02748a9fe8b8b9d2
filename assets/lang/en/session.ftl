# The session: errors, notices, names of undo steps.

session-error-no-project = No project is open. Open a project or a scene first.
session-error-no-layer = The project has no layer “{ $layer }”.
session-error-no-feature = Layer “{ $layer }” has no feature number { $feature }.
session-error-no-field = Layer “{ $layer }” has no field “{ $field }”.
session-error-number = “{ $text }” is not a valid number for the field “{ $field }”. Enter a number such as 1234.5.
session-error-no-bookmark = There is no view “{ $id }”.
session-error-crs = The project's coordinate system { $crs } cannot be converted to longitude and latitude, so the view cannot be kept.
session-error-no-thread = The system did not let this task start: { $reason }

session-saved = Project saved.
session-job-cancelled = Cancelled as requested.
session-job-panicked = The task stopped because of an error in the program. The open project is not affected; please report the error with the name of the file.

session-undo-show = show layer “{ $layer }”
session-undo-hide = hide layer “{ $layer }”
session-undo-show-many = show { $count } layers
session-undo-hide-many = hide { $count } layers
session-undo-opacity = change opacity of “{ $layer }”
session-undo-rename = rename layer “{ $layer }”
session-undo-move = reorder layer “{ $layer }”
session-undo-remove = remove layer “{ $layer }”
session-undo-cell = edit “{ $field }” of layer “{ $layer }”
session-undo-add-bookmark = add view “{ $title }”
session-undo-remove-bookmark = delete view “{ $title }”
session-undo-import = { $count ->
    [one] import one layer
   *[other] import { $count } layers
}

session-error-no-ignition = There is no fire yet. Click on the map to set one.
session-fire-field-arrival = Arrival time
session-fire-field-flame = Flame length
session-fire-field-rate = Rate of spread
session-fire-field-intensity = Fireline intensity
session-fire-field-type = Fire type
session-fire-type-surface = Surface fire
session-fire-type-passive = Passive crown fire (single trees torch)
session-fire-type-active = Active crown fire
session-fire-written = The fire's results are written
session-error-no-air = There is no result of the air yet. Run the study first, then write it.
session-error-no-sea = There is no result of the sea yet. Run the study first, then write it.
session-air-written = The air's results (simulated) are written
session-sea-written = The sea's results (simulated) are written
session-error-no-fire = There is no result yet. Run the simulation first, then export it.
session-fire-field-probability = Burn probability
session-live-field = Between the stations
session-live-seen = What the camera sees
session-live-alarm-title = Alarm on the island
session-live-alarm = { $stream }: { $value } ({ $rule })
session-live-no-secret-store = This machine has no secret store; the password will be asked for again
session-live-stalled = The live view has stopped: nothing on the map is up to date. Save your work and start the program again
session-live-source-trouble = No readings from { $source }: { $reason }
session-live-lost = { $count } readings found no room while the disk was behind and are in no history; check the disk
session-live-sensors-saved = Stations and sources saved beside the project
session-error-no-history = No live readings are kept here: open the live room and choose a source first.
session-find-field = Where the source may stand
session-find-readings = Hourly means of { $stations } stations in { $hours } hours until { $until }, with the winds that they measured (one wind an hour for all, mixing of the air by sun and wind at 40 % cloud, assumed).
session-find-usual = Only what lies above the usual of the same hour is explained: the middle of { $days } days before.
session-find-no-usual = Fewer than three days before are known, so readings are taken as they are: rush hours and calm nights may look like a source.
session-find-wind = One source that emits evenly, { $height } m above the ground, straight plumes over flat ground (assumed); readings and plumes together are uncertain by a fifth.
session-find-left-out = { $hours } hours without a wind or with hardly any tell nothing and are left out.
session-air-day-wind = Of the 24 hours { $hours } have a measured wind; the others blow as the dial says.
session-ahead-mean = Mean of the coming 24 hours (forecast)
session-ahead-hour = Highest hour of the coming day (forecast)
session-ahead-from = Forecast from the readings of { $stations } stations until { $time }.
