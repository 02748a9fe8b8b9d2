# Making the demonstration data (island-twin demo-data).
demo-source-unreadable = The built-in source { $name } cannot be read: { $reason }. Reinstall the program.
demo-no-route = There is no way over land from { $from } to { $to }. Check where the road plan puts these two places.
demo-folder = The folder cannot be made or cleared: { $reason }. Check write permission and free space: { $path }
