sim-running = Simulating
sim-cancelled = The simulation was stopped as asked.
sim-panicked = The simulation stopped by a fault of the program: { $reason }. The project is not affected; please send this notice to the developers.
sim-no-thread = The computer gave no thread for the simulation: { $reason }. Close other programs and try again.

sim-fire-unknown-fuel = There is no fuel model { $number }. Use 1–13, 101–204, or define that model.
sim-fire-out-of-range = { $what } is { $value }, which is not possible. Enter a value from { $low } to { $high }.
sim-fire-bad-row = Line { $line }: { $what } is missing or not a number. File: { $path }
sim-fire-file = Cannot read or write the file: { $reason }. File: { $path }
sim-fire-grid-mismatch = { $what } does not lie on the fuel layer's grid. Bring both to one grid first.
sim-fire-nothing-ignites = Nothing can burn where the fire was set (water, road, bare ground or outside the map). Choose a place with vegetation.
sim-fire-no-ignition = There is no ignition. Set at least one point, line or area on fire.
sim-fire-no-weather = There is no weather. Enter wind and moisture for at least one hour.
sim-fire-fuel-table = The fuel table cannot be read: { $reason }. Please correct it.

sim-fire-input-depth = Fuel bed depth (ft)
sim-fire-input-extinction = Moisture of extinction
sim-fire-input-heat = Heat of combustion (Btu/lb)
sim-fire-input-load = Fuel load (lb/ft²)
sim-fire-input-savr = Surface area to volume (1/ft)
sim-fire-input-dead-moisture = Dead fuel moisture
sim-fire-input-live-moisture = Live fuel moisture
sim-fire-input-wind = Wind speed (m/s)
sim-fire-input-wind-direction = Wind direction
sim-fire-input-slope = Slope
sim-fire-input-time = Time (s)
sim-fire-input-temperature = Temperature (°C)
sim-fire-input-humidity = Air humidity
sim-fire-input-rain = Rain (mm)
sim-fire-input-spotting = The spotting parameter
sim-fire-input-elevation = The elevation layer
sim-fire-input-canopy = The canopy layer
sim-fire-input-land-cover = The land-cover layer

sim-fire-assumes-rothermel = Spread after Rothermel (1972) with the standard US fuel models, checked against the program behave.
sim-fire-assumes-no-peat = Smouldering peat is not modelled.
sim-fire-assumes-not-validated = The calculation is verified, not validated: no perimeters of real fires on the island exist.
sim-fire-assumes-spotting = Spotting uses assumed parameters (expert judgement).
