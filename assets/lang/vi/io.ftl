io-crs-unknown = Không nhận ra hệ tọa độ { $crs }. Hãy cho mã EPSG (ví dụ EPSG:9207) hoặc chuỗi WKT. Chi tiết: { $detail }
io-crs-no-path = Không chuyển được tọa độ từ { $from } sang { $to }. Chi tiết: { $detail }
io-export-failed = Không ghi được tệp { $path }. Hãy kiểm tra quyền ghi của thư mục và dung lượng trống. Chi tiết: { $detail }
io-export-does-not-fit = Lớp này không ghi được theo định dạng Shapefile: { $detail }. Hãy xuất ra GeoPackage. Tệp: { $path }
io-export-crs = Không xuất được { $path }: { $reason }
