// Loaded into each process beside its own program: ends it with the one that started it, however that one ended.
process.channel?.unref();
process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
