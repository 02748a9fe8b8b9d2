//! Ignitions, fuel breaks and suppression lines as options write them.

use super::simulate_args::SimulateFireArgs;
use crate::base::cancel::CancelToken;
use crate::base::message::{Message, ToMessage};
use crate::base::progress::Progress;
use crate::geo::crs::Crs;
use crate::geo::frame::SiteFrame;
use crate::geo::shape::ShapeKind;
use crate::io::crs::Projector;
use crate::io::import::{SourceSpec, WorkerProgram, import_isolated};
use crate::model::layer::LayerContent;
use crate::sim::fire::error::FireError;
use crate::sim::fire::front::{Ignition, IgnitionShape};
use crate::study::fire::inputs::{FuelBreak, SuppressionLine};

const POINT: &str = "103.97,10.2  or  103.97,10.2;103.98,10.2@1.5h";

/// Options in a system that they are brought into.
#[derive(Debug)]
pub struct Places<'a> {
    crs: &'a Crs,
    xy: bool,
    /// Minute of the local day at which the run begins, when it is known.
    start_minute: Option<f64>,
}

impl<'a> Places<'a> {
    #[must_use]
    pub fn new(args: &SimulateFireArgs, crs: &'a Crs, start_minute: Option<f64>) -> Self {
        Self { crs, xy: args.xy, start_minute }
    }

    /// All fires of the options.
    ///
    /// # Errors
    /// What cannot be understood, or a file that cannot be read.
    pub fn ignitions(&self, args: &SimulateFireArgs, worker: &WorkerProgram) -> Result<Vec<Ignition>, Message> {
        let mut all = Vec::new();
        for text in &args.ignite {
            let (place, time) = text.split_once('@').map_or((text.as_str(), None), |(p, t)| (p, Some(t)));
            let time_s = time.map_or(Ok(0.0), |t| self.time(t)).map_err(|e| e.to_message())?;
            let points = self.points(place)?;
            let shape = match points[..] {
                [only] => IgnitionShape::Point(only),
                [first, .., last] if points.len() > 3 && first == last => IgnitionShape::Area(vec![points]),
                _ => IgnitionShape::Line(points),
            };
            all.push(Ignition { time_s, shape });
        }
        for path in &args.ignite_file {
            all.extend(self.in_file(path, worker)?);
        }
        Ok(all)
    }

    fn in_file(&self, path: &std::path::Path, worker: &WorkerProgram) -> Result<Vec<Ignition>, Message> {
        let frame = SiteFrame { crs: self.crs.clone(), origin: [0.0; 2] };
        let mut answer = None;
        let (progress, cancel) = (Progress::new(), CancelToken::new());
        import_isolated(&[SourceSpec::new(path)], &frame, worker, &progress, &cancel, |_, r| answer = Some(r));
        let imported = answer.ok_or_else(|| FireError::NoIgnition.to_message())?.map_err(|e| e.to_message())?;
        let LayerContent::Features(table) = imported.content else { return Err(FireError::NoIgnition.to_message()) };
        let mut all = Vec::new();
        for shape in table.geometry.iter() {
            let ring = |part: crate::geo::shape::Ring<'_>| part.points().to_vec();
            let shapes: Vec<IgnitionShape> = match shape.kind() {
                ShapeKind::Empty => Vec::new(),
                ShapeKind::Point => shape.points().iter().map(|p| IgnitionShape::Point(*p)).collect(),
                ShapeKind::Line => shape.rings().map(|r| IgnitionShape::Line(ring(r))).collect(),
                ShapeKind::Polygon => vec![IgnitionShape::Area(shape.rings().map(ring).collect())],
            };
            all.extend(shapes.into_iter().map(|shape| Ignition { time_s: 0.0, shape }));
        }
        Ok(all)
    }

    /// # Errors
    /// What cannot be understood.
    pub fn breaks(&self, args: &SimulateFireArgs) -> Result<Vec<FuelBreak>, Message> {
        let each = |text: &String| {
            let (line, width) = text.split_once('@').map_or((text.as_str(), "0"), |(l, w)| (l, w));
            let width_m = number(width.trim_end_matches('m'), text, "103.97,10.2;103.98,10.2@30").map_err(tell)?;
            Ok(FuelBreak { line: self.line(line)?, width_m })
        };
        args.break_line.iter().map(each).collect()
    }

    /// # Errors
    /// What cannot be understood.
    pub fn lines(&self, args: &SimulateFireArgs) -> Result<Vec<SuppressionLine>, Message> {
        let example = "103.97,10.2;103.98,10.2@5@1h";
        let each = |text: &String| {
            let mut parts = text.split('@');
            let line = self.line(parts.next().unwrap_or_default())?;
            let rate = number(parts.next().unwrap_or_default(), text, example).map_err(tell)?;
            let start_s = parts.next().map_or(Ok(0.0), |t| self.time(t)).map_err(tell)?;
            Ok(SuppressionLine { line, start_s, rate_mps: rate / 60.0 })
        };
        args.suppression_line.iter().map(each).collect()
    }

    fn line(&self, text: &str) -> Result<Vec<[f64; 2]>, Message> {
        let points = self.points(text)?;
        let bad = || FireError::BadArgument { text: text.to_owned(), example: "103.97,10.2;103.98,10.2" };
        if points.len() > 1 { Ok(points) } else { Err(bad().to_message()) }
    }

    fn points(&self, text: &str) -> Result<Vec<[f64; 2]>, Message> {
        let bad = || FireError::BadArgument { text: text.to_owned(), example: POINT }.to_message();
        let mut points = Vec::new();
        for pair in text.split(';') {
            let (x, y) = pair.split_once(',').ok_or_else(bad)?;
            let place = [number(x, text, POINT).map_err(tell)?, number(y, text, POINT).map_err(tell)?];
            if !self.xy && (place[0].abs() > 180.0 || place[1].abs() > 90.0) {
                return Err(Message::new("cli-fire-not-degrees").with("text", text));
            }
            points.push(place);
        }
        if !self.xy {
            Projector::between(&Crs::WGS84, self.crs).map_err(|e| e.to_message())?.apply_all(&mut points);
        }
        if points.iter().flatten().all(|v| v.is_finite()) { Ok(points) } else { Err(bad()) }
    }

    /// Seconds of the run: "1.5h", "30min", "90s", or a local time of day when the run's beginning is known.
    fn time(&self, text: &str) -> Result<f64, FireError> {
        let example = "1.5h, 30min, 14:30";
        if let Some((hour, minute)) = text.split_once(':') {
            let bad = FireError::BadArgument { text: text.to_owned(), example: "1.5h, 30min" };
            let start = self.start_minute.ok_or(bad)?;
            let asked = number(hour, text, example)? * 60.0 + number(minute, text, example)?;
            // Before the beginning means the next day.
            return Ok((asked - start).rem_euclid(1440.0) * 60.0);
        }
        let (digits, factor) = [("min", 60.0), ("h", 3600.0), ("s", 1.0)]
            .iter()
            .find_map(|(unit, factor)| Some((text.trim().strip_suffix(unit)?, *factor)))
            .ok_or_else(|| FireError::BadArgument { text: text.to_owned(), example })?;
        Ok(number(digits, text, example)? * factor)
    }
}

fn tell(error: FireError) -> Message {
    error.to_message()
}

fn number(digits: &str, text: &str, example: &'static str) -> Result<f64, FireError> {
    let value = digits.trim().parse::<f64>().ok().filter(|v| v.is_finite());
    value.ok_or_else(|| FireError::BadArgument { text: text.to_owned(), example })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(crs: &Crs) -> Places<'_> {
        Places { crs, xy: true, start_minute: Some(570.0) }
    }

    #[test]
    fn times_are_durations_or_times_of_day() {
        let crs = Crs::VN2000_TM3_104_30;
        let at = |text: &str| places(&crs).time(text);
        assert_eq!((at("1.5h"), at("30min"), at("90s")), (Ok(5400.0), Ok(1800.0), Ok(90.0)));
        assert_eq!((at("14:30"), at("09:00")), (Ok(5.0 * 3600.0), Ok(23.5 * 3600.0)));
        assert!(at("soon").is_err() && at("3").is_err() && at("NaNh").is_err());
    }

    #[test]
    fn a_point_a_line_and_an_area_are_told_apart() {
        let crs = Crs::VN2000_TM3_104_30;
        let args = SimulateFireArgs {
            ignite: ["1,2", "1,2;3,4@30min", "0,0;9,0;9,9;0,0"].map(str::to_owned).to_vec(),
            break_line: vec!["0,0;5,5@30".to_owned()],
            suppression_line: vec!["0,0;5,5@6@1h".to_owned()],
            ..SimulateFireArgs::default()
        };
        let places = places(&crs);
        let worker = WorkerProgram::at("none".into());
        let fires = places.ignitions(&args, &worker).unwrap();
        assert_eq!(fires[0], Ignition { time_s: 0.0, shape: IgnitionShape::Point([1.0, 2.0]) });
        assert!(matches!(&fires[1], Ignition { time_s: 1800.0, shape: IgnitionShape::Line(l) } if l.len() == 2));
        assert!(matches!(&fires[2].shape, IgnitionShape::Area(rings) if rings[0].len() == 4));
        assert_eq!(places.breaks(&args).unwrap()[0].width_m, 30.0);
        let line = &places.lines(&args).unwrap()[0];
        assert_eq!((line.rate_mps, line.start_s), (0.1, 3600.0));
        let degrees = Places { xy: false, ..places };
        assert_eq!(degrees.points("500000,1130000").unwrap_err().key, "cli-fire-not-degrees");
        assert!((degrees.points("103.9667,10.2167").unwrap()[0][0] - 441_377.76).abs() < 0.01);
    }
}
