package faults_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// held says which tests hold a case of the catalogue of faults, by package and
// name, or "../" and a package beside it; those of the rig itself are in the package "e2e/faults". Cases that the
// catalogue does not have are not here.
var held = map[int]string{
	1:  "e2e/faults.TestCase01_KilledAtEveryNamedPoint",
	2:  "e2e/faults.TestCase02_KilledAtRandomMomentsUnderEightSenders",
	3:  "e2e.TestCase03_PartsWithoutAManifestAreSweptAfterTheirGrace e2e.TestCase03_AManifestWithoutALedgerRecordRollsForward",
	4:  "e2e.TestCase04_WhatTheLedgerHasQueuedAnotherWorkerSendsOnce",
	5:  "e2e.TestCase04And05_AWorkerKilledBetweenTwoStepsLeavesOneMail mailing.TestTwoWorkersWithADraftEachSendOneMail",
	6:  "vault.TestAnErasureResumesWhereverItIsKilled expiring.TestACrashBetweenErasureAndUnlinkIsFinishedByTheNextSweep",
	7:  "e2e/faults.TestCase07_StoppedDuringAnUpload",
	8:  "vault.TestATruncatedPartIsRefused vault.TestADamagedFileBreaksTheDownload portal.TestCase9BytesThatDoNotAuthenticateBreakTheConnection",
	9:  "e2e.TestCase09_DamagedAndExchangedBytesAreRefused e2e.TestCase09_DamagedManifestsAndJournalsAreRefused vault.TestAlteredRecordsAreRefused",
	10: "e2e/faults.TestCase10_TheVaultIsFull",
	11: "e2e/faults.TestCase11_TheAuditLogIsFull",
	13: "e2e/faults.TestCase13_TheDiskFails blob/file.TestADiskThatFails access/trail.TestAFailedFsyncIsNeverAcknowledged",
	14: "e2e/faults.TestCase14_TwoReplicasSweepAtOnce vault.TestSweepersLoseNothingThatIsCommitted",
	15: "ledger.TestReconnectsAfterAKill",
	16: "e2e/faults.TestCase16_RedisIsKilledUnderLoad ledger.TestKillUnderLoadLosesNothingAcknowledged",
	17: "e2e/faults.TestCase17And19And26And75_AnUnsafeStartIsRefused",
	18: "ledger.TestFullRedisStillReadsAndSettles",
	19: "e2e/faults.TestCase17And19And26And75_AnUnsafeStartIsRefused",
	20: "e2e/faults.TestCase20_FlushedAndRebuilt e2e.TestCase20_ALostRedisIsRebuiltFromTheVault e2e.TestCase20_AnIntentWithoutAnOutcomeIsLookedUpAndNotResent",
	21: "e2e/faults.TestCase21_ARedisThatForgotIsReplayedInto ledger.TestAFailoverIsFollowed",
	22: "e2e/faults.TestCase22_RedisIsSlow",
	23: "ledger.TestResetAfterTheCommandRan",
	25: "e2e/faults.TestCase25_ClocksApart",
	26: "e2e/faults.TestCase17And19And26And75_AnUnsafeStartIsRefused ledger.TestASecuredRedisRefuses",
	27: "e2e.TestCase27_AThrottledMailboxIsLeftAloneAndOthersGoOn graph.TestThrottledMailboxStaysSilent",
	29: "e2e/faults.TestCase29_GraphIsAway graph.TestAnOutageIsWaitedOut graph.TestConcurrencyIsCapped",
	30: "e2e.TestCase30_AMailThatLeftInSpiteOf504IsNotSentAgain",
	31: "graph.TestMailSurvivesBrokenUploads graph.TestUploadSurvives",
	32: "graph.TestMailSurvivesBrokenUploads",
	34: "graph.TestRejectedTokenIsRenewedOnce graph.TestAClaimsChallengeIsMet",
	35: "distributing.TestCase35EveryMailboxRefuses",
	36: "distributing.TestCase36AMailboxThatIsGone e2e/intake.TestCase36AMailboxThatIsGoneIsStoodInFor",
	37: "e2e.TestCase80_AJobThatPanicsLeavesTheQueueMoving jobs.TestAPanicIsAnErrorLikeAnyOther",
	38: "e2e.TestCase04And05_AWorkerKilledBetweenTwoStepsLeavesOneMail ledger.TestQueueFollowsItsModel",
	39: "e2e.TestCase39_OneKeyFiftyTimesAtOnceIsOneTransferAndOneMail",
	40: "e2e.TestCase40_AKeyUsedBeforeWithAnotherRequestIsRefused",
	41: "e2e/browser.TestADoubleClickSendsOnceAndTheReopenedPaneKnows",
	42: "e2e.TestCase42_AnUploadThatBreaksIsResumedAndArrivesWhole uploading.TestTheSweepFindsWhatWasNeverSent",
	43: "vault.TestPiecesThatOverlapOrExceedAreRefusedAndLeaveNothing portal.TestTusCreatesTakesPiecesAndEnds",
	44: "e2e/faults.TestCase44_FiveHundredUploadsDrip web.TestAClientThatStallsIsGivenUpAndASlowOneIsNot",
	45: "e2e.TestCase45_ADownloadAcrossTheExpiryFinishesAndTheNextIsRefused",
	48: "catalogue.TestCase48AnExpiryOverAChangeOfTheClocksReadsRight",
	49: "e2e.TestCase49_LookingAtALinkConsumesAndRevealsNothing e2e.TestCase49_AButtonThatNeedsNoCodeRevealsAndCountsNothing e2e.TestCase49_AScannerThatHasCodesSentIsHarmless onetime.TestCase49AScannerThatAsksTakesNothingFromTheRecipient",
	50: "e2e.TestCase50_RandomTokensAreAllAlikeAndSoonRefused",
	52: "e2e.TestCase52_GuessedCodesLockTheLinkUntilTheSenderHelps e2e.TestCase52_WhoHasOnlyTheLinkLeavesCodesToTheRecipient onetime.TestCase52OneTimeCodesShareTheTriesAndTheLockOut onetime.TestCase52WhoGoesOnAskingFloodsNoTelephoneAndTheSenderHearsOfItOnce opening.TestWrongCodesLockTheLinkForAWhileAndNobodyElses",
	53: "e2e.TestCase53_NothingTellsALinkACodeOrAPerson e2e.TestCase53_NoPageSendsAReferrerOrAsksAnotherSite",
	54: "e2e.TestCase54_NobodyReachesAnothersTransfersAndEveryRoleHasItsRoutes access.TestCase54ForeignResourcesAreNotFound portal.TestCase54ASeatOfAnotherIsNotThere",
	55: "e2e.TestCase55_RightsThatWereWithdrawnAreDenied",
	56: "e2e.TestCase56_ForgedAndMismatchedTokensAreRefused identity.TestCase56BadTokens",
	57: "e2e.TestCase57_TokensForGraphAndTokensUsedBeforeAreRefused identity.TestCase57GraphTokensAndReplayedAssertions",
	58: "portal.TestCase58AnotherSitesFormIsRefused",
	59: "e2e.TestCase59EveryRouteHasTheHeadersThatProtectIt portal.TestCase59NobodyMayFrameAPage",
	61: "e2e.TestCase61_TheStatusStreamTellsOfOnesOwnTransferOnly",
	62: "e2e.TestCase62_HostileFileNamesMakeTheRoundTripUnharmed e2e.TestCase62_HostileFileNamesInAReply portal.TestCase62NamesFromOutsideAreShownAndSavedSafely",
	63: "e2e.TestCase63_ActiveContentIsSavedAndNeverShown portal.TestCase63WhatABrowserCouldRunIsBytes",
	65: "e2e.TestCase65_MalwareReachesNobody e2e.TestCase65_WhileTheScannerIsDownNothingLeavesAndThenEverythingDoes e2e.TestCase65_NewerSignaturesTakeAFileBack scanning.TestCase65MalwareIsFoundByItsName scanning.TestCase65WithoutAVerdictNothingIsClean",
	67: "e2e.TestCase67_TemplatesAndMarkupInAnyTextAreLiteral portal.TestCase67TextIsLiteralWhateverItLooksLike notifying.TestCase67TheSendersWordsAreDataInAFixedFrame catalogue.TestCase67ParametersAreLiteral",
	70: "config.TestCase70LogLinesAreHarmless access/trail.TestCase70HostileFieldsStayOneLine",
	71: "../routing.TestCase71HostilePatterns ../routing.TestCase71RefusesUnboundedPatterns",
	73: "../routing.TestCase73",
	74: "../routing.TestCase74 ../routing/file.TestCase74BrokenFile app.TestCase74ABrokenRoutingFileIsVisible",
	75: "e2e/faults.TestCase17And19And26And75_AnUnsafeStartIsRefused e2e/faults.TestCase75_AClockAYearAhead keys.TestAMissingOrWrongKEKIsNoticed",
	77: "e2e/faults.TestCase77_AnOlderLedgerIsBroughtUpToDate",
	78: "vault.TestDataOfVersion1IsRead",
	79: "e2e/faults.TestCase79_AJobOfANewerVersionIsLeftAlone ledger.TestUnknownJobVersionIsLeftAlone",
	80: "e2e.TestCase80_AHandlerThatPanicsAnswers500AndTheProcessLives portal.TestCase80AHandlerThatPanicsAnswersAndTheProcessLives",
}

// named are the cases that the catalogue has.
var named = cases(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 25, 26, 27, 29, 30, 31, 32, 34, 35, 36, 37, 38,
	39, 40, 41, 42, 43, 44, 45, 48, 49, 50, 52, 53, 54, 55, 56, 57, 58, 59, 61, 62, 63, 65, 67, 70, 71, 73, 74, 75, 77, 78, 79, 80)

func cases(numbers ...int) map[int]bool {
	all := map[int]bool{}
	for _, n := range numbers {
		all[n] = true
	}
	return all
}

func TestEveryCaseIsHeldByATestThatExists(t *testing.T) {
	for number, names := range held {
		for name := range strings.FieldsSeq(names) {
			at := strings.LastIndexByte(name, '.')
			folder, test := name[:at], name[at+1:]
			if !bytes.Contains(sources(t, folder), []byte("\nfunc "+test+"(t *testing.T)")) {
				t.Errorf("case %d: there is no %s in backend/%s", number, test, folder)
			}
		}
	}
	for number := range named {
		if held[number] == "" {
			t.Errorf("no test holds case %d", number)
		}
	}
	for _, found := range regexp.MustCompile(`\nfunc (TestCase\w+)`).FindAllSubmatch(sources(t, "e2e/faults"), -1) {
		name := string(found[1])
		for _, digits := range regexp.MustCompile(`\d+`).FindAllString(name, -1) {
			if number, _ := strconv.Atoi(digits); !strings.Contains(held[number], name) {
				t.Errorf("%s is not listed under case %d", name, number)
			}
		}
	}
}

// sources are the tests of a package of the backend.
func sources(t *testing.T, folder string) []byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", folder, "*_test.go"))
	must(t, err)
	all := []byte("\n")
	for _, name := range files {
		content, err := os.ReadFile(name)
		must(t, err)
		all = append(all, content...)
	}
	return all
}
