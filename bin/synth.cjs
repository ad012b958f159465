#!/usr/bin/env node
const { launchCurrent } = require("./launch.cjs");

void launchCurrent("synth");
