"""Helpers of script/compare-import: makes the file, reads it as a Python user would, and compares."""

import lzma
import re
import statistics
import struct
import sys
import zipfile
from pathlib import Path


def land_polygons(folder):
    """The one xz stream in the wheel's library whose WKB is a MultiPolygon of more than 500,000 parts."""
    import shapely

    wheel = next(Path(folder).glob("roaring_landmask-0.11.0-*.whl"))
    with zipfile.ZipFile(wheel) as archive:
        name = next(n for n in archive.namelist() if n.endswith(".so"))
        library = archive.read(name)
    for found in re.finditer(re.escape(b"\xfd7zXZ\x00"), library):
        unpacker = lzma.LZMADecompressor(format=lzma.FORMAT_XZ)
        try:
            data = unpacker.decompress(library[found.start() :])
        except lzma.LZMAError:
            continue
        if data[:1] == b"\x01" and struct.unpack("<I", data[1:5])[0] % 1000 == 6:
            if struct.unpack("<I", data[5:9])[0] > 500_000:
                return shapely.get_parts(shapely.from_wkb(data))
    sys.exit("no land polygons in the wheel")


def make(folder):
    import numpy
    import pyproj
    import shapely

    parts = land_polygons(folder)
    to_zone = pyproj.Transformer.from_crs(4326, 9207, always_xy=True)

    def shrink(xy):
        lon = 102 + (xy[:, 0] + 180) / 360 * 6
        lat = 8 + (xy[:, 1] + 90) / 180 * 16
        return numpy.column_stack(to_zone.transform(lon, lat))

    parts = shapely.transform(parts, shrink)
    write_shapefile(Path(folder) / "land", parts, wide=False)
    write_shapefile(Path(folder) / "wide", parts, wide=True)


# "Thị trấn Dương Đông", "Đường Trần Hưng Đạo", "Xã Cửa Cạn" in TCVN3.
NAMES = [
    b"Th\xde tr\xcan D\xad\xacng \xa7\xabng",
    b"\xa7\xad\xeang Tr\xcan H\xadng \xa7\xb9o",
    b"X\xb7 C\xf6a C\xb9n",
    b"ODT",
]


def write_shapefile(path, parts, wide):
    """Straight from the arrays: GDAL cannot write TCVN3."""
    import numpy
    import pyproj
    import shapely

    records, offsets, at = [], [], 50
    for i, polygon in enumerate(parts):
        rings = [numpy.asarray(r.coords) for r in (polygon.exterior, *polygon.interiors)]
        rings = [rings[0] if shapely.is_ccw(shapely.LinearRing(rings[0])) is False else rings[0][::-1]] + [
            r if shapely.is_ccw(shapely.LinearRing(r)) else r[::-1] for r in rings[1:]
        ]
        points = numpy.concatenate(rings)[:, :2].astype("<f8")
        starts = numpy.cumsum([0] + [len(r) for r in rings[:-1]]).astype("<i4")
        box = numpy.concatenate([points.min(axis=0), points.max(axis=0)]).astype("<f8")
        content = struct.pack("<i", 5) + box.tobytes() + struct.pack("<ii", len(rings), len(points))
        content += starts.tobytes() + points.tobytes()
        records.append(struct.pack(">ii", i + 1, len(content) // 2) + content)
        offsets.append((at, len(content) // 2))
        at += 4 + len(content) // 2
    bounds = shapely.total_bounds(parts)
    head = lambda words: struct.pack(">7i", 9994, 0, 0, 0, 0, 0, words) + struct.pack("<ii", 1000, 5) + struct.pack(
        "<8d", *bounds, 0, 0, 0, 0
    )
    path.with_suffix(".shp").write_bytes(head(at) + b"".join(records))
    path.with_suffix(".shx").write_bytes(head(50 + 4 * len(offsets)) + b"".join(struct.pack(">ii", *o) for o in offsets))
    path.with_suffix(".prj").write_text(pyproj.CRS(9207).to_wkt("WKT1_ESRI"))
    fields = [(b"ID", b"N", 10)] + ([(b"T%d" % i, b"C", 24) for i in range(30)] if wide else [])
    length = 1 + sum(width for _, _, width in fields)
    header = struct.pack("<BBBBIHH20x", 3, 126, 1, 1, len(parts), 33 + 32 * len(fields), length)
    for name, kind, width in fields:
        header += name.ljust(11, b"\0") + kind + b"\0" * 4 + bytes([width, 0]) + b"\0" * 14
    with open(path.with_suffix(".dbf"), "wb") as out:
        out.write(header + b"\r")
        for i in range(len(parts)):
            row = b" " + str(i + 1).rjust(10).encode()
            if wide:
                row += b"".join(NAMES[(i + k) % 4].ljust(24) for k in range(30))
            out.write(row)
        out.write(b"\x1a")


def read(path):
    import pyogrio
    import pyproj
    import shapely

    _, _, geometry, fields = pyogrio.raw.read(path)
    shapes = shapely.from_wkb(geometry)
    xy = shapely.get_coordinates(shapes)
    transformer = pyproj.Transformer.from_crs(9207, 4326, always_xy=True)
    lon, lat = transformer.transform(xy[:, 0], xy[:, 1])
    xy[:, 0], xy[:, 1] = lon, lat
    shapes = shapely.set_coordinates(shapes, xy)
    valid = shapely.is_valid(shapes)
    tree = shapely.STRtree(shapes)
    tree.query(shapely.Point(104, 10))
    print(len(shapes), (~valid).sum())


def table(path):
    rows = [line.split() for line in Path(path).read_text().splitlines()]
    medians = {}
    for who in ("ogr2ogr", "python", "ours"):
        mine = [[float(v) for v in r[1:]] for r in rows if r[0] == who]
        cpu = statistics.median(r[0] + r[1] for r in mine)
        medians[who] = cpu
        print(
            f"{who:8} CPU {cpu:6.2f} s (least {min(r[0] + r[1] for r in mine):.2f}),"
            f" clock {statistics.median(r[2] for r in mine):6.2f} s, peak {max(r[3] for r in mine) / 1024:.0f} MiB"
        )
    for who in ("ogr2ogr", "python"):
        print(f"{who} / ours: {medians[who] / medians['ours']:.2f} (aim: 4)")


def agree(path, sample):
    """Ours in degrees against PROJ on the same vertices."""
    import numpy
    import pyogrio
    import pyproj
    import shapely

    ours = numpy.loadtxt(sample, delimiter=",")
    _, _, geometry, _ = pyogrio.raw.read(path)
    index = ours[:, 0].astype(int)
    firsts = shapely.get_coordinates(shapely.from_wkb(geometry[index]))
    counts = shapely.get_num_coordinates(shapely.from_wkb(geometry[index]))
    all_points = numpy.split(firsts, numpy.cumsum(counts)[:-1])
    lon, lat = ours[:, 1], ours[:, 2]
    worst = 0.0
    # EPSG:6960 by itself: from_crs would take another operation, 0.8 m away, for points beyond that one's area of use.
    operations = pyproj.transformer.TransformerGroup(9207, 4326, always_xy=True).transformers
    transformer = next(t for t in operations if "VN-2000 to WGS 84 (2)" in t.description)
    for i, points in enumerate(all_points):
        x, y = transformer.transform(points[:, 0], points[:, 1])
        metres = numpy.hypot((x - lon[i]) * 111_320 * numpy.cos(numpy.radians(lat[i])), (y - lat[i]) * 110_600)
        # Our rings turn the other way: the vertex is one of the feature's.
        worst = max(worst, metres.min())
    print(f"{len(ours)} vertices, largest difference from PROJ {1000 * worst:.4f} mm (aim: 1)")


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
