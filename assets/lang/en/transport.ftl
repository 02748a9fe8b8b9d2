transport-out-of-range = { $what } is { $value }, which is not possible. Enter a value from { $low } to { $high }.
transport-not-a-number = { $what }: { $cells } cells have no number. Fill them, or take those cells out of the map by giving them no initial concentration (nodata).
transport-negative = { $what }: { $cells } cells are below zero, and there is no such thing. Correct the input.
transport-too-long = A step of { $step } s would have to be cut into { $needed } parts so that nothing flows through a cell faster than the scheme can follow (Courant number 0.9). Give steps of { $longest } s or shorter, or check the units of the velocity (m/s).

transport-input-velocity = Velocity (m/s)
transport-input-concentration = Concentration
transport-input-diffusivity = Diffusivity (m²/s)
transport-input-step = Time step (s)
transport-input-decay = Decay (1/s)
transport-input-inflow = Concentration of the inflow

cli-help-simulate-transport = Bare advection, diffusion and decay of a raster by a velocity field, without losing mass
cli-help-simulate-transport-velocity = Two rasters (GeoTIFF): eastward and northward velocity at cell centres, m/s. Faces between cells take the mean of both
cli-help-simulate-transport-initial = Concentration at the beginning (GeoTIFF), any unit; cells without a value are closed (land, walls)
cli-help-simulate-transport-diffusivity = Diffusivity K, m²/s
cli-help-simulate-transport-dt = Time step in seconds; cut into equal parts by itself where the Courant number would pass 0.9 in a direction
cli-help-simulate-transport-steps = Number of steps
cli-help-simulate-transport-out = Concentration at the end (GeoTIFF)
cli-help-simulate-transport-boundary = What happens at the edge of the rasters: closed (nothing passes) or open (what flows out is gone, what flows in has the concentration --inflow)
cli-help-simulate-transport-inflow = Concentration of what flows in through an open edge
cli-help-simulate-transport-decay = First-order decay, 1/s
cli-help-simulate-transport-precision = Arithmetic: f32 (faster) or f64
cli-help-simulate-transport-threads = Number of threads; 0: as many as the machine has. The result is the same
cli-help-simulate-transport-json = Print the figures as JSON

cli-transport-grid = { $path } does not have the same cells as { $other }. Bring all three rasters to one grid first.
cli-transport-closed-cells = { $cells } cells have no initial concentration: they are closed, nothing flows through them.
cli-transport-no-metres = { $path } is in degrees, but velocities are in metres per second. Reproject the rasters to a UTM or VN-2000 zone first.
cli-transport-sub-steps = A step of { $step } s has a Courant number of { $courant }: every step is cut into { $parts } parts.
cli-transport-done = After { $hours } hours: mass (concentration × area) { $before } before, { $after } after, relative change { $change }; least { $least }, greatest { $most }. Written to { $path }

transport-input-lid = Height of the air's lid (m)
transport-input-roughness = Roughness of the ground (m)
transport-input-deposition = Deposition velocity (m/s)
transport-input-hours = Number of hours
transport-input-wind = Wind speed (m/s)
transport-input-wind-from = Wind direction
transport-input-mixing-height = Mixing height (m)
transport-input-emission = Emission (µg/s)
transport-input-source-height = Height of a source (m)
