global using Sweep.Tests;
