using MudBlazor;

namespace Sweep.Dashboard.Layout;

/// <summary>Colours of the shell, those of the figures; fonts that every machine has, so that none is fetched.</summary>
internal static class DashboardTheme
{
    private static readonly string[] Fonts = ["system-ui", "Segoe UI", "Roboto", "DejaVu Sans", "sans-serif"];

    public static MudTheme Theme { get; } = new()
    {
        PaletteLight = new PaletteLight
        {
            Primary = "#0b5cad",
            Secondary = "#a8480a",
            AppbarBackground = "#ffffff",
            AppbarText = "#1b1f24",
            Background = "#f6f8fa",
            Surface = "#ffffff",
            DrawerBackground = "#ffffff",
            DrawerText = "#1b1f24",
            TextPrimary = "#1b1f24",
            TextSecondary = "#57606a",
            LinesDefault = "#d1d9e0",
        },
        PaletteDark = new PaletteDark
        {
            Primary = "#79b8ff",
            Secondary = "#ffa657",
            AppbarBackground = "#14181d",
            AppbarText = "#e6edf3",
            Background = "#0d1117",
            Surface = "#14181d",
            DrawerBackground = "#14181d",
            DrawerText = "#e6edf3",
            TextPrimary = "#e6edf3",
            TextSecondary = "#9da7b3",
            LinesDefault = "#3d444d",
            PrimaryContrastText = "#0d1117",
        },
        Typography = new Typography { Default = new DefaultTypography { FontFamily = Fonts, FontSize = ".9375rem", LineHeight = "1.5" }, Button = new ButtonTypography { FontFamily = Fonts, TextTransform = "none" } },
        LayoutProperties = new LayoutProperties { DefaultBorderRadius = "6px", DrawerWidthLeft = "190px", AppbarHeight = "52px" },
    };
}
