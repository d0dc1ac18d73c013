"""Random station schedules from printed seeds: agents crash, freeze and lose their line, printers misbehave, people tend."""
