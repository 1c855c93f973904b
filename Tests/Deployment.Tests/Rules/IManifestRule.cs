using Sweep.Deployment.Tests.Manifests;

namespace Sweep.Deployment.Tests.Rules;

/// <summary>What must hold in every overlay and no published schema says. One rule, one file; every rule is shown to fail by a mutation.</summary>
internal interface IManifestRule
{
    /// <summary>Every place where it does not hold.</summary>
    IEnumerable<string> Problems(ManifestSet manifests);
}
