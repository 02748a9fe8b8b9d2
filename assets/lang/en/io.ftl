io-crs-unknown = Unknown coordinate system { $crs }. Give an EPSG code (such as EPSG:9207) or a WKT text. Detail: { $detail }
io-crs-no-path = Coordinates cannot be brought from { $from } to { $to }. Detail: { $detail }
io-export-failed = The file { $path } could not be written. Check the folder's permissions and the free space. Detail: { $detail }
io-export-does-not-fit = This layer does not fit into a Shapefile: { $detail }. Export it as GeoPackage instead. File: { $path }
io-export-crs = { $path } could not be exported: { $reason }
