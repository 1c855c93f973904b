namespace Sweep.Persistence.Access;

/// <summary>What somebody may do; each may do what those before it may.</summary>
public enum AccessRole
{
    /// <summary>Look and export.</summary>
    Viewer,

    /// <summary>Submit, pause, resume and cancel.</summary>
    Operator,

    /// <summary>Remove sweeps, and see who changed what.</summary>
    Admin,
}
